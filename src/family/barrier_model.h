#ifndef GLMPP_FAMILY_BARRIER_MODEL_H
#define GLMPP_FAMILY_BARRIER_MODEL_H

#include "row_model.h"

namespace glmpp {

/// A model with a logarithmic barrier at the ends of its valid range,
///   deviance - 2 height sum(log(distance of eta to each end)),
/// and weights between those of its expected and its observed information,
///   damping expected + (1 - damping) observed.
/// Height 0 and damping 1 give the model itself.
class BarrierModel : public RowModel {
 public:
  explicit BarrierModel(const RowModel& model) : model_(model), range_(model.valid_range()) {}

  void set_height(double height) { height_ = height; }
  void set_damping(double damping) { damping_ = damping; }
  double damping() const { return damping_; }

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override;
  void start(const Rows& rows, double* eta) const override { model_.start(rows, eta); }
  double deviance_at(const Rows& rows, double mean) const override {
    return model_.deviance_at(rows, mean);
  }
  PredictorRange valid_range() const override { return range_; }

 private:
  void add_barrier(const Rows& rows, WorkingRows& out, RowSums& sums) const;

  const RowModel& model_;
  PredictorRange range_;
  double height_ = 0.0;
  double damping_ = 0.0;
};

}  // namespace glmpp

#endif
