#ifndef GLMPP_FAMILY_BARRIER_MODEL_H
#define GLMPP_FAMILY_BARRIER_MODEL_H

#include "row_model.h"

namespace glmpp {

/// A model with a logarithmic barrier at the ends of its valid range,
///   deviance - 2 height sum(log(distance of eta to each end)).
class BarrierModel : public RowModel {
 public:
  BarrierModel(const RowModel& model, double height)
      : model_(model), range_(model.valid_range()), height_(height) {}

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override;
  void start(const Rows& rows, double* eta) const override { model_.start(rows, eta); }
  double deviance_at(const Rows& rows, double mean) const override {
    return model_.deviance_at(rows, mean);
  }
  PredictorRange valid_range() const override { return range_; }
  bool has_observed_weights() const override { return model_.has_observed_weights(); }
  void observed_weights(const Rows& rows, double* weight) const override;

 private:
  const RowModel& model_;
  PredictorRange range_;
  double height_;
};

}  // namespace glmpp

#endif
