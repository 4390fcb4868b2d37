#ifndef GLMPP_SOLVER_FIT_H
#define GLMPP_SOLVER_FIT_H

#include <functional>

#include "descent.h"
#include "family/row_model.h"
#include "objective/memory_objective.h"

namespace glmpp {

/// A model over rows in memory.
struct Problem {
  const Design* design = nullptr;
  const RowModel* model = nullptr;
  Response response;
  FittedRows fitted;
  /// The same model over the distinct rows of the design; null when they are not grouped.
  const Design* grouped_design = nullptr;
  Response grouped_response;
  unsigned threads = 1;
  std::function<void()> poll;
};

struct Fit {
  Solution solution;
  InformationFactor factor;
  double effective_rows = 0.0;
  std::vector<std::size_t> boundary_rows;  ///< at an end of the valid range, where the optimum is there
  bool is_accurate = false;  ///< reached by blockwise QR
};

/// Iteratively reweighted least squares, from a fit to a sample of the rows where that pays
/// (`may_sample`), over groups of equal rows where they are given.
Fit fit_rows(const Problem& problem, Start start, const Control& control, bool may_sample);

/// The same where an objective is all that is known of the data; `sample` may be null, else it is the
/// same model over a `sample_share` of the rows.
Fit fit_objective(Objective& objective, Start start, const Control& control, Objective* sample,
                  double sample_share);

}  // namespace glmpp

#endif
