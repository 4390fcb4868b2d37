#ifndef GLMPP_SOLVER_PENALISED_FIT_H
#define GLMPP_SOLVER_PENALISED_FIT_H

#include "fit.h"
#include "problem.h"
#include "proximal_newton.h"

namespace glmpp {

/// A penalty that is not smooth, at one strength.
struct SeparableTerm {
  SeparablePenalty penalty;
  double lambda = 0.0;  ///< in the unit of the mean
  ProximalControl control;
  bool is_wide = false;              ///< descents are over columns that may enter
  std::vector<double> spread, mean;  ///< of each column then, as in PathProblem
};

/// The penalised optimum of a problem that has such a term: the last of a path. The factor is of the likelihood's information over
/// the coefficients that are free or not zero; aliased are free ones only.
Fit fit_penalised(const Problem& problem, const Start& start, const Control& control);

}  // namespace glmpp

#endif
