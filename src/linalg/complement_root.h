#ifndef GLMPP_LINALG_COMPLEMENT_ROOT_H
#define GLMPP_LINALG_COMPLEMENT_ROOT_H

#include <cstddef>
#include <memory>
#include <vector>

#include "information.h"

namespace glmpp {

/// S^-1 over the border, zeros where a coefficient is left out.
class ComplementInverse {
 public:
  virtual ~ComplementInverse() = default;
  virtual double diagonal(std::size_t b) const = 0;
  /// x' S^-1 x of a row of a bordered information: places in the border, ascending, and values.
  virtual double form(const int* column, const double* value, std::size_t count) const = 0;
};

/// The triangular root R of a Schur complement S = R'R over some of the border.
class ComplementRoot {
 public:
  virtual ~ComplementRoot() = default;
  virtual std::unique_ptr<ComplementRoot> copy() const = 0;

  /// R^-T of a vector over the border; R^-1 of what it made, over the border, zeros where a coefficient is left out.
  virtual void reduce(const std::vector<double>& border, std::vector<double>& reduced) const = 0;
  virtual void expand(std::vector<double>& reduced, std::vector<double>& border) const = 0;
  /// The products that reduce() takes.
  virtual double cost() const = 0;
  virtual double log_determinant() const = 0;
  virtual std::unique_ptr<ComplementInverse> inverse(unsigned threads) const = 0;

  /// Those of the border that are marked, which meet no others, are left out.
  virtual void leave_out(const std::vector<bool>& marked) = 0;
  virtual void scale(double root_factor) = 0;
  /// Adds R'R to the corner of an information, where that has elements.
  virtual void add_product(Information& information) const = 0;
};

}  // namespace glmpp

#endif
