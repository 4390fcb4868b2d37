#ifndef GLMPP_LINALG_SYMMETRIC_ELEMENTS_H
#define GLMPP_LINALG_SYMMETRIC_ELEMENTS_H

#include <cstddef>

#include "matrix.h"

namespace glmpp {

/// Where the elements of a symmetric matrix go: (i, j) with (j, i).
class SymmetricElements {
 public:
  virtual ~SymmetricElements() = default;
  virtual void set(std::size_t i, std::size_t j, double value) = 0;
};

class MatrixElements : public SymmetricElements {
 public:
  explicit MatrixElements(Matrix& matrix) : matrix_(matrix) {}
  void set(std::size_t i, std::size_t j, double value) override {
    matrix_(i, j) = value;
    matrix_(j, i) = value;
  }

 private:
  Matrix& matrix_;
};

}  // namespace glmpp

#endif
