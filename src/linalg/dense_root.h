#ifndef GLMPP_LINALG_DENSE_ROOT_H
#define GLMPP_LINALG_DENSE_ROOT_H

#include <memory>
#include <vector>

#include "complement_root.h"
#include "matrix.h"

namespace glmpp {

/// A dense one, over those of the border that are used.
class DenseRoot : public ComplementRoot {
 public:
  /// From its parts: how many the border has, which of it are used, ascending, and the root over these.
  DenseRoot(std::size_t border, std::vector<std::size_t> used, Matrix root);
  /// The root of a complement over `used`. Those whose pivot, as a share of `diagonal`, is no more than `smallest_pivot` are left out, and
  /// added to `weak`, as places in the border.
  DenseRoot(std::size_t border, std::vector<std::size_t> used_of_border, const Matrix& complement,
            const std::vector<double>& diagonal, double smallest_pivot, unsigned threads,
            std::vector<std::size_t>& weak);

  const std::vector<std::size_t>& used() const { return used_; }
  const Matrix& root() const { return root_; }
  /// S^-1 over the border.
  Matrix full_inverse(unsigned threads) const;

  std::unique_ptr<ComplementRoot> copy() const override {
    return std::make_unique<DenseRoot>(*this);
  }
  void reduce(const std::vector<double>& border, std::vector<double>& reduced) const override;
  void expand(std::vector<double>& reduced, std::vector<double>& border) const override;
  double cost() const override;
  double log_determinant() const override;
  std::unique_ptr<ComplementInverse> inverse(unsigned threads) const override;
  void leave_out(const std::vector<bool>& marked) override;
  void scale(double root_factor) override;
  void add_product(Information& information) const override;

 private:
  std::size_t border_;
  std::vector<std::size_t> used_;
  Matrix root_;
};

}  // namespace glmpp

#endif
