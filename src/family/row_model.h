#ifndef GLMPP_FAMILY_ROW_MODEL_H
#define GLMPP_FAMILY_ROW_MODEL_H

#include <cstddef>

namespace glmpp {

/// A range of rows: linear predictor (offset included), response and prior weights.
struct Rows {
  std::size_t count = 0;
  const double* eta = nullptr;
  const double* y = nullptr;
  const double* weights = nullptr;
};

/// What a row model fills for a range of rows; every array has room for it.
struct WorkingRows {
  double* mean = nullptr;              ///< mu
  double* weight = nullptr;            ///< w (dmu/deta)^2 / V(mu)
  double* residual = nullptr;          ///< w (y - mu) (dmu/deta) / V(mu): the score is X' residual
  double* working_residual = nullptr;  ///< (y - mu) / (dmu/deta)
};

struct RowSums {
  double deviance = 0.0;
  bool valid = true;  ///< false when eta or mu leave the region where the model is defined
};

/// A family with its link. One call per range of rows; thread safe unless it says otherwise.
class RowModel {
 public:
  virtual ~RowModel() = default;

  virtual RowSums evaluate(const Rows& rows, WorkingRows& out) const = 0;
  /// The linear predictor of the family's own starting mean; rows.eta is not read.
  virtual void start(const Rows& rows, double* eta) const = 0;
  /// The deviance of one common mean; rows.eta is not read.
  virtual double deviance_at(const Rows& rows, double mean) const = 0;
  /// True when working weights do not depend on the coefficients.
  virtual bool has_constant_weights() const { return false; }
  /// False when the model must see all rows in one call, on the calling thread.
  virtual bool works_by_ranges() const { return true; }
};

}  // namespace glmpp

#endif
