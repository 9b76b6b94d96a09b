//! The least of a function of a few parameters within bounds (Nelder and Mead, 1965).

/// Looks for the least value of `cost` from `start`, within `bounds`. Costs that are not finite
/// count as worst. Stops after `rounds` evaluations, or where the simplex has become flat.
pub(super) fn minimise(
    cost: &mut dyn FnMut(&[f64]) -> f64,
    start: &[f64],
    bounds: &[(f64, f64)],
    rounds: usize,
) -> (Vec<f64>, f64) {
    let n = start.len();
    let clip = |x: &mut [f64]| {
        for (v, (lo, hi)) in x.iter_mut().zip(bounds) {
            *v = v.clamp(*lo, *hi);
        }
    };
    let mut used = 0;
    let mut value = |x: &[f64], used: &mut usize| {
        *used += 1;
        let v = cost(x);
        if v.is_finite() { v } else { f64::MAX }
    };
    let mut first = start.to_vec();
    clip(&mut first);
    let mut simplex = vec![(value(&first, &mut used), first.clone())];
    for i in 0..n {
        let mut x = first.clone();
        let (lo, hi) = bounds[i];
        let step =
            if (hi - lo).is_finite() && hi - lo < 10.0 { 0.15 * (hi - lo) } else { (x[i].abs() * 0.1).max(0.05) };
        x[i] = if x[i] + step <= hi { x[i] + step } else { x[i] - step };
        clip(&mut x);
        simplex.push((value(&x, &mut used), x));
    }
    while used < rounds && n > 0 {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (simplex[0].0, simplex[n].0);
        if worst - best <= 1e-7 * (best.abs() + 1e-12) {
            break;
        }
        let centre: Vec<f64> = (0..n).map(|i| simplex[..n].iter().map(|(_, x)| x[i]).sum::<f64>() / n as f64).collect();
        let mut along = |t: f64, used: &mut usize| {
            let mut x: Vec<f64> = (0..n).map(|i| centre[i] + t * (centre[i] - simplex[n].1[i])).collect();
            clip(&mut x);
            (value(&x, used), x)
        };
        let reflected = along(1.0, &mut used);
        let next = if reflected.0 < best {
            let expanded = along(2.0, &mut used);
            if expanded.0 < reflected.0 { Some(expanded) } else { Some(reflected) }
        } else if reflected.0 < simplex[n - 1].0 {
            Some(reflected)
        } else {
            let contracted = if reflected.0 < worst { along(0.5, &mut used) } else { along(-0.5, &mut used) };
            (contracted.0 < worst.min(reflected.0)).then_some(contracted)
        };
        match next {
            Some(next) => simplex[n] = next,
            None => {
                let least = simplex[0].1.clone();
                for (v, x) in simplex.iter_mut().skip(1) {
                    for (a, b) in x.iter_mut().zip(&least) {
                        *a = b + 0.5 * (*a - b);
                    }
                    *v = value(x, &mut used);
                }
            }
        }
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (v, x) = simplex.swap_remove(0);
    (x, v)
}
