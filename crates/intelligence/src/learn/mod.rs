//! Models that are trained: classes, numbers, groups.
