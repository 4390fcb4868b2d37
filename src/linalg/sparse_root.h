#ifndef GLMPP_LINALG_SPARSE_ROOT_H
#define GLMPP_LINALG_SPARSE_ROOT_H

#include <memory>
#include <vector>

#include "complement_root.h"
#include "sparse_pattern.h"

namespace glmpp {

/// A sparse one, in the order of its pattern: R' is lower triangular there, by columns. Where a coefficient is left out its row and
/// column are zero.
class SparseRoot : public ComplementRoot {
 public:
  SparseRoot(std::shared_ptr<const SparsePattern> pattern, std::vector<double> values);
  /// The root of the complement of an information whose rows times D^-1 are `solved`, over those of the border that are used. Those
  /// whose pivot, as a share of their diagonal element, is no more than `smallest_pivot` are left out, and added to `weak`, as places in
  /// the border.
  SparseRoot(const Information& information, const UnsetVector& solved,
             const std::vector<bool>& used, double smallest_pivot, unsigned threads,
             std::vector<std::size_t>& weak);

  const std::vector<double>& values() const { return values_; }

  std::unique_ptr<ComplementRoot> copy() const override {
    return std::make_unique<SparseRoot>(*this);
  }
  void reduce(const std::vector<double>& border, std::vector<double>& reduced) const override;
  void expand(std::vector<double>& reduced, std::vector<double>& border) const override;
  double cost() const override { return 2.0 * static_cast<double>(values_.size()); }
  double log_determinant() const override;
  std::unique_ptr<ComplementInverse> inverse(unsigned threads) const override;
  void leave_out(const std::vector<bool>& marked) override;
  void scale(double root_factor) override;
  void add_product(Information& information) const override;

 private:
  void sum(const Information& information, const UnsetVector& solved, const std::vector<bool>& used,
           unsigned threads);
  void factor(const std::vector<double>& smallest, unsigned threads,
              std::vector<std::size_t>& weak);
  Matrix rest_of_full(unsigned threads) const;
  void factor_full(const std::vector<double>& smallest, unsigned threads,
                   std::vector<std::size_t>& weak);
  Matrix inverse_of_full(unsigned threads) const;
  std::vector<double> times_full(const Matrix& inverse, unsigned threads) const;
  std::vector<double> inverse_on_pattern(unsigned threads) const;

  std::shared_ptr<const SparsePattern> pattern_;
  std::vector<double> values_;
};

}  // namespace glmpp

#endif
