//! Pairs of members that differ from what each of the two leads to expect: what a cell of a two-way
//! table has beyond its row and its column.

use super::ground::{Ground, LEAST_LEFT, LEAST_ROWS};
use super::{Candidate, What};

/// Larger tables have too few rows a cell, and too many cells.
const MOST_CELLS: usize = 400;
const MOST_MEMBERS: usize = 60;
/// Pairs of dimensions at most.
const MOST_PAIRS: usize = 36;

impl Ground<'_> {
    pub(super) fn pairs(&self, out: &mut Vec<Candidate>) {
        let mut pairs = 0;
        for a in 0..self.dimensions.len() {
            for b in a + 1..self.dimensions.len() {
                let (rows, columns) = (self.dimensions[a].1, self.dimensions[b].1);
                if rows * columns > MOST_CELLS || rows + columns > MOST_MEMBERS || pairs >= MOST_PAIRS {
                    continue;
                }
                pairs += 1;
                self.cells((a, b), (rows, columns), out);
            }
        }
    }

    fn cells(&self, of: (usize, usize), (rows, columns): (usize, usize), out: &mut Vec<Candidate>) {
        let (a, b) = (self.dimensions[of.0].0, self.dimensions[of.1].0);
        let (mut count, mut sum, mut squares) =
            (vec![0.0; rows * columns], vec![0.0; rows * columns], vec![0.0; rows * columns]);
        for (r, value) in self.rest.iter().enumerate() {
            let (x, y) = (a[r] as usize, b[r] as usize);
            if !value.is_nan() && x < rows && y < columns {
                let cell = x * columns + y;
                count[cell] += 1.0;
                sum[cell] += value;
                squares[cell] += value * value;
            }
        }
        // Rows and columns as regressors; the last column follows from the others.
        let size = rows + columns - 1;
        let mut normal = vec![vec![0.0; size]; size];
        let mut right = vec![0.0; size];
        for x in 0..rows {
            for y in 0..columns {
                let (n, s) = (count[x * columns + y], sum[x * columns + y]);
                normal[x][x] += n;
                right[x] += s;
                if y + 1 < columns {
                    normal[rows + y][rows + y] += n;
                    normal[x][rows + y] += n;
                    normal[rows + y][x] += n;
                    right[rows + y] += s;
                }
            }
        }
        let scale = normal.iter().enumerate().map(|(i, row)| row[i]).fold(0.0, f64::max);
        for (i, row) in normal.iter_mut().enumerate() {
            row[i] += if row[i] == 0.0 { 1.0 } else { 1e-9 * scale };
        }
        let Some(inverse) = inverted(normal) else { return };
        let fitted: Vec<f64> =
            inverse.iter().map(|row| row.iter().zip(&right).map(|(a, b)| a * b).sum::<f64>()).collect();
        for x in 0..rows {
            for y in 0..columns {
                let cell = x * columns + y;
                let n = count[cell];
                if n < LEAST_ROWS || self.n - n < LEAST_ROWS {
                    continue;
                }
                let column = (y + 1 < columns).then_some(rows + y);
                let expected = fitted[x] + column.map_or(0.0, |c| fitted[c]);
                let shared = inverse[x][x] + column.map_or(0.0, |c| 2.0 * inverse[x][c] + inverse[c][c]);
                let left = n - n * n * shared;
                if left < LEAST_LEFT * n {
                    continue;
                }
                let along = sum[cell] - n * expected;
                let mean = sum[cell] / n;
                let own = (squares[cell] / n - mean * mean).max(0.0) * n / (n - 1.0);
                let variance = own.max(self.variance);
                let t = along / (left * variance).sqrt();
                let d = along / left / self.variance.sqrt();
                let df = (self.n - size as f64 - 1.0).max(2.0);
                out.push(Candidate::new(What::Cell { dimensions: of, codes: (x, y) }, t, df, d, n as usize));
            }
        }
    }
}

/// The inverse of a small symmetric matrix, by Gauss and Jordan.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    let mut inverse: Vec<Vec<f64>> =
        (0..size).map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for i in 0..size {
        let best = (i..size).max_by(|a, b| matrix[*a][i].abs().total_cmp(&matrix[*b][i].abs()))?;
        matrix.swap(i, best);
        inverse.swap(i, best);
        let pivot = matrix[i][i];
        if pivot.abs() < 1e-300 {
            return None;
        }
        matrix[i].iter_mut().for_each(|v| *v /= pivot);
        inverse[i].iter_mut().for_each(|v| *v /= pivot);
        let (row, other) = (matrix[i].clone(), inverse[i].clone());
        for j in (0..size).filter(|j| *j != i) {
            let by = matrix[j][i];
            if by != 0.0 {
                matrix[j].iter_mut().zip(&row).for_each(|(v, r)| *v -= by * r);
                inverse[j].iter_mut().zip(&other).for_each(|(v, r)| *v -= by * r);
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::inverted;

    #[test]
    fn inverse_by_hand() {
        let inverse = inverted(vec![vec![4.0, 2.0], vec![2.0, 3.0]]).unwrap();
        let wanted = [[0.375, -0.25], [-0.25, 0.5]];
        for (row, want) in inverse.iter().zip(wanted) {
            assert!(row.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12));
        }
        assert!(inverted(vec![vec![0.0]]).is_none());
    }
}
