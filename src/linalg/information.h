#ifndef GLMPP_LINALG_INFORMATION_H
#define GLMPP_LINALG_INFORMATION_H

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "matrix.h"
#include "sparse_pattern.h"
#include "unset_vector.h"

namespace glmpp {

/// The inner product by four sums, which do not wait for each other.
inline double interleaved_product(const double* x, const double* y, std::size_t count) {
  double sums[4] = {0.0, 0.0, 0.0, 0.0};
  std::size_t k = 0;
  for (; k + 4 <= count; k += 4)
    for (std::size_t i = 0; i < 4; ++i) sums[i] += x[k + i] * y[k + i];
  for (std::size_t i = 0; k < count; ++k, ++i) sums[i] += x[k] * y[k];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Which elements of a symmetric matrix over so many coefficients there are. The inner ones come in cells: two of them meet only
/// within a cell. All meet those of the border, each inner one by a row of entries. Fixed by the design.
struct BorderedShape {
  std::size_t size = 0;
  std::vector<std::size_t> inner;       ///< coefficients, those of a cell together, ascending
  std::vector<std::size_t> cell_start;  ///< of each cell in `inner`, and the end
  std::vector<std::size_t> border;      ///< the other coefficients, ascending
  std::vector<std::size_t>
      row_start;            ///< of the row of each inner coefficient in `column`, and the end
  std::vector<int> column;  ///< of `border`, ascending in each row

  /// Of the blocks of the cells, which are stored one after the other, column-major.
  std::vector<std::size_t> block_start;
  /// Of each coefficient: where it is in `inner`, or inner.size() + where it is in `border`.
  std::vector<std::size_t> place;
  std::vector<std::size_t> cell;  ///< of each of `inner`

  bool is_full = false;    ///< every row has every entry
  bool is_single = false;  ///< every cell has one coefficient
  double squares = 0.0;    ///< of the numbers of entries, added up over the rows
  /// Of a corner and a complement that are sparse; else null.
  std::shared_ptr<const SparsePattern> sparse;

  /// Fills those from `block_start` to `squares` from the others.
  void finish();
  /// Of elements `rows` of the rows, that of inner coefficient k times a vector over the border; and factor times it, added to one.
  double row_times(const double* rows, std::size_t k, const double* border) const {
    const double* row = rows + row_begin(k);
    const std::size_t count = row_begin(k + 1) - row_begin(k);
    if (is_full) return interleaved_product(row, border, count);
    double sum = 0.0;
    const int* of_row = column.data() + row_start[k];
    for (std::size_t e = 0; e < count; ++e) sum += row[e] * border[of_row[e]];
    return sum;
  }
  void add_row(const double* rows, std::size_t k, double factor, double* border) const {
    const double* row = rows + row_begin(k);
    const std::size_t count = row_begin(k + 1) - row_begin(k);
    if (is_full) {
      for (std::size_t e = 0; e < count; ++e) border[e] += factor * row[e];
    } else {
      const int* of_row = column.data() + row_start[k];
      for (std::size_t e = 0; e < count; ++e) border[of_row[e]] += factor * row[e];
    }
  }
  std::size_t cells() const { return cell_start.size() - 1; }
  // Where it follows from the shape, it is not read: what is done with a row takes hardly longer.
  std::size_t cell_begin(std::size_t c) const { return is_single ? c : cell_start[c]; }
  std::size_t block_begin(std::size_t c) const { return is_single ? c : block_start[c]; }
  std::size_t row_begin(std::size_t k) const { return is_full ? k * border.size() : row_start[k]; }
  std::size_t width(std::size_t c) const { return cell_begin(c + 1) - cell_begin(c); }
  bool is_inner(std::size_t j) const { return place[j] < inner.size(); }
};

/// The information: a symmetric matrix with a row and a column for each coefficient, dense or bordered. Who needs all its elements
/// takes it as a Matrix, which a bordered one refuses.
class Information {
 public:
  Information() = default;
  Information(Matrix dense) : matrix_(std::move(dense)) {}  // NOLINT: a matrix is one
  /// All zero.
  explicit Information(std::shared_ptr<const BorderedShape> shape);
  /// The same, but for the rows, which whoever asks for it is about to write.
  static Information with_unset_rows(std::shared_ptr<const BorderedShape> shape);

  bool is_bordered() const { return static_cast<bool>(shape_); }
  bool empty() const { return size() == 0; }
  std::size_t size() const { return shape_ ? shape_->size : matrix_.cols(); }

  operator const Matrix&() const { return matrix(); }  // NOLINT: see above
  const Matrix& matrix() const {
    refuse_bordered();
    return matrix_;
  }
  Matrix& matrix() {
    refuse_bordered();
    return matrix_;
  }

  const BorderedShape& shape() const { return *shape_; }
  const std::shared_ptr<const BorderedShape>& shared_shape() const { return shape_; }
  /// Blocks of the cells, and rows of the border.
  std::vector<double>& blocks() { return blocks_; }
  const std::vector<double>& blocks() const { return blocks_; }
  UnsetVector& rows() { return rows_; }
  const UnsetVector& rows() const { return rows_; }
  /// The corner: elements between places in the border. A sparse one has those of its pattern.
  double corner(std::size_t i, std::size_t j) const {
    if (!shape_->sparse) return matrix_(i, j);
    const std::size_t t = shape_->sparse->corner_place(i, j);
    return t == SparsePattern::nowhere ? 0.0 : corner_[t];
  }
  /// Symmetric: both of (i, j) and (j, i).
  void set_corner(std::size_t i, std::size_t j, double value);
  void add_to_corner(std::size_t i, std::size_t j, double value) {
    set_corner(i, j, corner(i, j) + value);
  }
  /// visit(i, j, value) of those that are not zero, i <= j.
  template <class Visit>
  void each_of_corner(Visit visit) const {
    const std::size_t q = shape_->border.size();
    for (std::size_t j = 0; j < q; ++j) {
      if (!shape_->sparse) {
        const double* column = matrix_.column(j);
        for (std::size_t i = 0; i <= j; ++i)
          if (column[i] != 0.0) visit(i, j, column[i]);
        continue;
      }
      const SparsePattern& pattern = *shape_->sparse;
      for (std::size_t t = pattern.corner_start[j]; t < pattern.corner_start[j + 1]; ++t)
        if (corner_[t] != 0.0)
          visit(static_cast<std::size_t>(pattern.corner_row[t]), j, corner_[t]);
    }
  }
  /// Its numbers as they are stored.
  double* corner_values() { return shape_->sparse ? corner_.data() : matrix_.data(); }
  const double* corner_values() const { return shape_->sparse ? corner_.data() : matrix_.data(); }
  std::size_t corner_size() const {
    return shape_->sparse ? corner_.size() : matrix_.rows() * matrix_.cols();
  }

  double diagonal(std::size_t j) const;
  void add_to_diagonal(std::size_t j, double value);
  /// Rows and columns of `held` become those of the identity.
  void hold(const std::vector<std::size_t>& held);
  /// out = I x.
  void multiply(const std::vector<double>& x, std::vector<double>& out, unsigned threads = 1) const;
  /// own_share times this, and other_share times the other.
  void mix(double own_share, const Information& other, double other_share);
  /// All elements, p x p.
  Matrix dense() const;
  /// The elements of a bordered one become those of `full`.
  void take(const Matrix& full);

 private:
  void multiply_cell(std::size_t c, const std::vector<double>& x, const double* of_border,
                     std::vector<double>& out, double* sums) const;
  void hold_sparse(const std::vector<bool>& is_held);
  void refuse_bordered() const {
    if (shape_) throw std::logic_error("a bordered information was asked for all its elements");
  }

  std::shared_ptr<const BorderedShape> shape_;
  Matrix matrix_;  ///< the whole, or a dense corner
  std::vector<double> blocks_;
  UnsetVector rows_;
  std::vector<double> corner_;  ///< a sparse one, by its pattern
};

}  // namespace glmpp

#endif
