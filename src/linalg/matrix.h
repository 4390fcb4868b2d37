#ifndef GLMPP_LINALG_MATRIX_H
#define GLMPP_LINALG_MATRIX_H

#include <cstddef>
#include <vector>

namespace glmpp {

/// A column-major matrix of doubles that owns its values.
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t cols) : rows_(rows), cols_(cols), values_(rows * cols) {}

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  bool empty() const { return values_.empty(); }

  double* data() { return values_.data(); }
  const double* data() const { return values_.data(); }
  double* column(std::size_t j) { return values_.data() + j * rows_; }
  const double* column(std::size_t j) const { return values_.data() + j * rows_; }
  double& operator()(std::size_t i, std::size_t j) { return values_[i + j * rows_]; }
  double operator()(std::size_t i, std::size_t j) const { return values_[i + j * rows_]; }

  void resize_zero(std::size_t rows, std::size_t cols) {
    rows_ = rows;
    cols_ = cols;
    values_.assign(rows * cols, 0.0);
  }

 private:
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
  std::vector<double> values_;
};

}  // namespace glmpp

#endif
