//! Files that leave Orrery, and the renderer for paper.
