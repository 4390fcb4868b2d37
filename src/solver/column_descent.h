#ifndef GLMPP_SOLVER_COLUMN_DESCENT_H
#define GLMPP_SOLVER_COLUMN_DESCENT_H

#include <vector>

#include "objective/model_columns.h"
#include "penalised_descent.h"

namespace glmpp {

/// Proximal Newton steps whose quadratic model is minimised along the columns of the design, without an information matrix:
/// each update reads a column and moves the residuals of the rows (Friedman, Hastie and Tibshirani, 2010). For many columns. Where
/// an intercept is free, columns are centred in the working weights, so that it is optimal throughout.
class ColumnDescent : public PenalisedDescent {
 public:
  /// `columns`: of each of the penalty's coefficients, its place in the model. Groups are of one column.
  ColumnDescent(ModelColumns& model, std::vector<std::size_t> columns,
                const SeparablePenalty& penalty, ProximalControl control);

  bool begin(const std::vector<double>& theta, const std::vector<double>& coefficients) override;
  double deviance() const override { return deviance_; }
  /// Whether sweeps over columns that are in the model were many: their information would have been cheaper.
  bool is_slow() const { return is_slow_; }

 protected:
  Outcome step(double lambda, const std::vector<char>& may_move) override;
  void start_lambda() override { is_first_step_ = true; }

 private:
  // A coordinate of the quadratic model: a group's theta, or a free coefficient.
  struct Line {
    std::size_t coefficient = 0;
    double coding = 1.0;  ///< the coefficient is this times the coordinate
    double norm = 0.0, square = 0.0;
    double lower = 0.0, upper = 0.0;
    ColumnProducts products;  ///< of the raw column, at the point
    double mean = 0.0, curvature = 0.0;
    double at = 0.0;
  };

  void read_point();
  void begin_model(double lambda, const std::vector<char>& may_move);
  double update(double lambda, double target, Line& line);
  void minimise_model(double lambda, double target);
  std::vector<double> model_coefficients() const;

  ModelColumns& model_;
  std::vector<std::size_t> columns_;
  std::size_t intercept_;           ///< among the coefficients; their number: none
  std::vector<Line> lines_;         ///< groups, then free coefficients but the intercept
  std::vector<std::size_t> moves_;  ///< lines that the model is minimised along
  double deviance_ = 0.0;
  ColumnProducts of_intercept_;
  std::vector<double> residual_;  ///< of the quadratic model, but for
  double shift_ = 0.0;            ///< this times the working weights
  double intercept_step_ = 0.0;   ///< beside what centred columns imply
  bool is_first_step_ = true, is_slow_ = false;
};

}  // namespace glmpp

#endif
