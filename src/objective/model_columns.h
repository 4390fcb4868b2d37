#ifndef GLMPP_OBJECTIVE_MODEL_COLUMNS_H
#define GLMPP_OBJECTIVE_MODEL_COLUMNS_H

#include <functional>
#include <memory>
#include <vector>

#include "memory_objective.h"

namespace glmpp {

/// A model with one linear predictor a row and its rows in memory, for methods that go column by column: what rows say at a
/// linear predictor, and the columns one by one. Same bits for any number of threads.
class ModelColumns {
 public:
  /// What a design, model and response borrow must stay; `poll` as in MemoryObjective.
  ModelColumns(const Design& design, const RowModel& model, const Response& response,
               unsigned threads, std::function<void()> poll);

  std::size_t rows() const { return design_.rows(); }

  /// The rows at X coefficients, from columns whose coefficient is not zero. False where the model is not defined.
  bool move_to(const std::vector<double>& coefficients);
  /// At a linear predictor without the offset.
  bool evaluate(std::vector<double> eta);

  const std::vector<double>& eta() const { return eta_; }
  double deviance() const { return deviance_; }
  const std::vector<double>& weights() const { return weight_; }      ///< working weights
  const std::vector<double>& residuals() const { return residual_; }  ///< score = X' residuals
  const std::vector<double>& prior_weights() const { return prior_; }

  /// Makes room for columns that are not stored as they are.
  void fetch(const std::vector<std::size_t>& columns);
  /// That of a coefficient; fetched before.
  const ColumnView& column(std::size_t coefficient) const { return views_[coefficient]; }
  /// Of fetched columns with the residuals and weights, by one reading of each.
  std::vector<ColumnProducts> products(const std::vector<std::size_t>& columns) const;
  /// out[k] = x_k'v of the k-th of these; columns are read where they are.
  void scores(const std::vector<std::size_t>& columns, const std::vector<double>& v,
              std::vector<double>& out);

 private:
  void own(std::size_t coefficient, const double* values);
  /// visit(k) for the k-th of these columns where it is at hand, on all threads.
  void visit_columns(const std::vector<std::size_t>& columns,
                     const std::function<void(std::size_t)>& visit) const;

  const Design& design_;
  const RowModel& model_;
  Response response_;
  Sweep how_;
  std::vector<double> prior_, y_;
  std::vector<ColumnView> views_;
  std::vector<std::unique_ptr<std::vector<double>>> values_;  ///< of fetched columns, and
  std::vector<std::unique_ptr<std::vector<int>>> places_;     ///< their rows, where they are sparse
  double deviance_ = 0.0;
  std::vector<double> eta_, mean_, weight_, residual_, working_residual_;
};

}  // namespace glmpp

#endif
