#ifndef GLMPP_FAMILY_ROW_MODEL_H
#define GLMPP_FAMILY_ROW_MODEL_H

#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

namespace glmpp {

/// A range of rows: linear predictor (offset included), response and prior weights.
struct Rows {
  std::size_t count = 0;
  const double* eta = nullptr;
  const double* y = nullptr;
  const double* prior_weights = nullptr;
};

/// What a row model fills for a range of rows; every array has room for it.
struct WorkingRows {
  double* mean = nullptr;              ///< mu
  double* working_weight = nullptr;    ///< w (dmu/deta)^2 / V(mu)
  double* residual = nullptr;          ///< w (y - mu) (dmu/deta) / V(mu): the score is X' residual
  double* working_residual = nullptr;  ///< (y - mu) / (dmu/deta)
};

struct RowSums {
  double deviance = 0.0;
  bool valid = true;  ///< false when eta or mu leave the region where the model is defined
};

/// Sums over rows of the log-likelihood and of its first and minus its second derivative in the family's own parameter, at
/// given means; prior weights count rows.
struct ParameterSums {
  double log_likelihood = 0.0;
  double score = 0.0;
  double information = 0.0;
};

/// The open interval of linear predictors for which a row has a mean.
struct PredictorRange {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();

  bool is_bounded() const { return least > -unbounded || most < unbounded; }

 private:
  static constexpr double unbounded = std::numeric_limits<double>::max();
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
  /// Unbounded where the model is defined everywhere, or does not know.
  virtual PredictorRange valid_range() const { return {}; }
  /// Weights of the observed information, -d residual / d eta, of either sign, where the model knows
  /// them.
  virtual bool has_observed_weights() const { return false; }
  virtual void observed_weights(const Rows&, double*) const {}
  /// d log(dmu/deta) / d eta and d log V(mu) / d eta, where the model knows them: what the bias of estimates is made of.
  virtual bool has_log_slopes() const { return false; }
  virtual void log_slopes(const Rows&, double*, double*) const {}
  /// True when working weights do not depend on the coefficients.
  virtual bool has_constant_weights() const { return false; }
  /// True when the family has a parameter of its own, besides mean and dispersion.
  virtual bool has_parameter() const { return false; }
  /// Adds those of some rows with these means.
  virtual void add_parameter_sums(const Rows&, const double*, ParameterSums&) const {}
  /// True when the deviance is a quadratic function of the linear predictor.
  virtual bool is_quadratic() const { return false; }
  /// False when the model must see all rows in one call, on the calling thread.
  virtual bool works_by_ranges() const { return true; }
};

/// Makes a row model of the family's own parameters, of which there may be none: how one comes from outside. Throws
/// std::invalid_argument where they are none of its own.
using RowModelMaker = std::unique_ptr<RowModel> (*)(const std::vector<double>& parameters);

}  // namespace glmpp

#endif
