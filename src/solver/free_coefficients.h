#ifndef GLMPP_SOLVER_FREE_COEFFICIENTS_H
#define GLMPP_SOLVER_FREE_COEFFICIENTS_H

#include <cstddef>
#include <vector>

#include "fit.h"

namespace glmpp {

/// The coefficients of a problem that are not held, where those that are stay at zero: what is found of these alone is found of all.
class FreeCoefficients {
 public:
  FreeCoefficients(std::size_t count, const std::vector<std::size_t>& held);

  const std::vector<std::size_t>& columns() const { return columns_; }
  /// Whether `start` has zeros in all that are held.
  bool are_all_of(const Start& start) const;
  Start restricted(const Start& start) const;
  void expand(Fit& fit) const;

 private:
  std::vector<double> restricted(const std::vector<double>& of_all) const;
  std::vector<double> expanded(const std::vector<double>& of_these) const;

  std::size_t count_;
  std::vector<std::size_t> columns_;  ///< ascending
};

}  // namespace glmpp

#endif
