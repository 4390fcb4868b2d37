#include "penalty_path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "column_descent.h"
#include "objective/summed_objective.h"

namespace glmpp {

namespace {

// A path of one strength only begins where that of a little norm would: glmnet's 0.001 (Friedman, Hastie and Tibshirani, 2010).
constexpr double least_norm_share = 1e-3;
// Where candidates are new, those of so many lambdas more are taken along: each new descent takes an information.
constexpr std::size_t look_ahead = 3;
// With more columns than this in a descent, updates along them cost less than their information.
constexpr std::size_t many_columns = 100;
// An information of more takes more than 300 MB.
constexpr std::size_t most_columns = 6000;
constexpr double everything = -std::numeric_limits<double>::infinity();

// The descent at hand, over some groups, with what belongs to these alone.
struct Descent {
  std::vector<std::size_t> groups, columns;
  SeparablePenalty penalty;
  ProximalControl control;
  std::unique_ptr<Objective> objective;  ///< of the columns; null: that of all
  std::unique_ptr<Objective> summed;     ///< of one that is quadratic; null: none
  ColumnDescent* along_columns = nullptr;
  std::unique_ptr<PenalisedDescent> run;
};

class Path {
 public:
  Path(const PathProblem& problem, const SeparablePenalty& penalty, const PathLambdas& lambdas,
       const ProximalControl& control)
      : problem_(problem),
        penalty_(penalty),
        lambdas_(lambdas),
        control_(control),
        theta_(penalty.size(), 0.0),
        gradient_(penalty.size(), 0.0),
        is_candidate_(penalty.groups().size(), 0),
        is_in_descent_(penalty.groups().size(), 0),
        asked_at_(penalty.groups().size()) {}

  PathResult follow(const std::vector<double>& start,
                    const std::function<void(std::size_t)>& report) {
    coefficients_ = start;
    penalty_.set_coefficients(theta_, coefficients_);
    result_.has_start = fit_null();
    if (result_.has_start) {
      const std::vector<double> sequence = make_lambdas();
      double previous = result_.largest;
      for (std::size_t k = 0; k < sequence.size(); ++k) {
        const auto after = [&](std::size_t steps) {
          return sequence[std::min(k + steps, sequence.size() - 1)];
        };
        fit(sequence[k], std::max(previous, sequence[k]), after(1), after(look_ahead));
        previous = sequence[k];
        if (report) report(k + 1);
        if (lambdas_.given.empty() && has_ended()) break;
      }
    }
    close_descent();
    return std::move(result_);
  }

 private:
  const std::vector<PenaltyGroup>& groups() const { return penalty_.groups(); }
  const double* slope(std::size_t g) const { return gradient_.data() + penalty_.offset(g); }

  // A descent over some groups, without what it goes by.
  std::unique_ptr<Descent> outline(std::vector<std::size_t> chosen) const {
    std::vector<std::size_t> columns;
    SeparablePenalty penalty = penalty_.restricted(chosen, columns);
    ProximalControl control = control_;
    for (std::size_t k = 0; k < columns.size(); ++k)
      control.free_scale[k] = control_.free_scale[columns[k]];
    return std::make_unique<Descent>(Descent{std::move(chosen), std::move(columns),
                                             std::move(penalty), std::move(control), nullptr,
                                             nullptr, nullptr, nullptr});
  }

  // From where the path stands.
  bool begin(Descent& descent) const {
    std::vector<double> theta, coefficients;
    for (std::size_t g : descent.groups)
      theta.insert(theta.end(), theta_.data() + penalty_.offset(g),
                   theta_.data() + penalty_.offset(g) + groups()[g].size());
    for (std::size_t j : descent.columns) coefficients.push_back(coefficients_[j]);
    return descent.run->begin(theta, coefficients);
  }

  // A descent over the candidates. False where there is no valid mean.
  bool open_descent() {
    close_descent();
    std::vector<std::size_t> chosen;
    for (std::size_t g = 0; g < groups().size(); ++g)
      if (is_candidate_[g]) chosen.push_back(g);
    is_in_descent_ = is_candidate_;
    has_all_ = chosen.size() == groups().size();
    descent_ = outline(std::move(chosen));
    if (goes_along_columns())
      go_along_columns(*descent_);
    else
      go_by_information(*descent_);
    return begin(*descent_);
  }

  bool goes_along_columns() const {
    const std::size_t count = descent_->columns.size();
    return problem_.columns && count > (columns_were_slow_ ? most_columns : many_columns) &&
           std::all_of(descent_->groups.begin(), descent_->groups.end(),
                       [this](std::size_t g) { return groups()[g].columns.size() == 1; });
  }

  void go_along_columns(Descent& descent) const {
    auto made = std::make_unique<ColumnDescent>(*problem_.columns, descent.columns, descent.penalty,
                                                descent.control);
    descent.along_columns = made.get();
    descent.run = std::move(made);
  }

  void go_by_information(Descent& descent) const {
    if (problem_.of_columns) descent.objective = problem_.of_columns(descent.columns);
    Objective* objective = descent.objective ? descent.objective.get() : problem_.whole;
    if (objective->traits().is_quadratic) {
      std::vector<double> at;
      for (std::size_t j : descent.columns) at.push_back(coefficients_[j]);
      descent.summed = std::make_unique<SummedObjective>(*objective, std::move(at));
      objective = descent.summed.get();
    }
    descent.run = std::make_unique<ProximalNewton>(*objective, descent.penalty, descent.control);
  }

  void close_descent() {
    if (!descent_) return;
    count(*descent_);
    if (descent_->along_columns && descent_->along_columns->is_slow()) columns_were_slow_ = true;
    descent_.reset();
  }

  void count(const Descent& descent) {
    const bool is_summed = descent.summed != nullptr;
    (problem_.of_columns ? result_.partial_passes : result_.passes) +=
        is_summed ? 1 : descent.run->passes();
    result_.informations += is_summed ? 1 : descent.run->informations();
  }

  // Runs the descent at hand, and stands where it ends.
  bool descend(double lambda, double tolerance, bool only_free) {
    PenalisedDescent& run = *descent_->run;
    run.set_tolerance(tolerance);
    std::vector<char> may_move;
    for (std::size_t g : descent_->groups)
      may_move.push_back(!only_free || !groups()[g].is_penalised());
    const bool converged = run.minimise(lambda, may_move);
    for (std::size_t k = 0; k < descent_->groups.size(); ++k) {
      const std::size_t g = descent_->groups[k];
      const auto from = static_cast<std::ptrdiff_t>(descent_->penalty.offset(k));
      const auto size = static_cast<std::ptrdiff_t>(groups()[g].size());
      const auto to = static_cast<std::ptrdiff_t>(penalty_.offset(g));
      std::copy_n(run.theta().begin() + from, size, theta_.begin() + to);
      std::copy_n(run.gradient().begin() + from, size, gradient_.begin() + to);
    }
    for (std::size_t k = 0; k < descent_->columns.size(); ++k)
      coefficients_[descent_->columns[k]] = run.coefficients()[k];
    deviance_ = run.deviance();
    violation_ = run.violation();
    return converged;
  }

  // How far the residuals have come, in the prior weights, and in their sum.
  struct Way {
    double length = 0.0, sum = 0.0;
  };

  void travel() {
    const std::vector<double>& now = problem_.columns->residuals();
    const std::vector<double>& prior = problem_.columns->prior_weights();
    if (residual_.empty()) residual_.assign(now.size(), 0.0);
    double squares = 0.0, sum = 0.0;
    for (std::size_t i = 0; i < now.size(); ++i) {
      const double change = now[i] - residual_[i];
      if (prior[i] > 0.0) squares += change * change / prior[i];
      sum += change;
    }
    way_.length += std::sqrt(squares);
    way_.sum += std::abs(sum);
    residual_ = now;
  }

  // More than this a group's gradient can't have changed since it was asked (Cauchy and Schwarz).
  double most_change(std::size_t g) const {
    const PenaltyGroup& group = groups()[g];
    if (group.columns.size() > 1) return std::numeric_limits<double>::infinity();
    const std::size_t j = group.columns.front();
    return std::abs(group.coding(0, 0)) / control_.weight *
           (problem_.spread[j] * (way_.length - asked_at_[g].length) +
            problem_.mean[j] * (way_.sum - asked_at_[g].sum));
  }

  // The gradient where the path stands, of groups that may have an entry at `least` or beyond. False where it has none.
  bool ask_all(double least) {
    if (!problem_.of_columns || has_all_) return true;
    ModelColumns& model = *problem_.columns;
    // A descent along columns has left it there.
    if (!descent_->along_columns && !model.move_to(coefficients_)) return false;
    travel();
    std::vector<std::size_t> asked, columns;
    for (std::size_t g = 0; g < groups().size(); ++g) {
      if (is_in_descent_[g]) {
        asked_at_[g] = way_;
        continue;
      }
      const double most = norm_of(slope(g), groups()[g].size()) + most_change(g);
      if (most * (1.0 + 1e-9) <= least * groups()[g].norm) continue;
      asked.push_back(g);
      columns.insert(columns.end(), groups()[g].columns.begin(), groups()[g].columns.end());
    }
    std::vector<double> scores;
    model.scores(columns, residual_, scores);
    ++result_.passes;
    std::vector<double> gradient(penalty_.coefficients());
    for (std::size_t k = 0; k < columns.size(); ++k)
      gradient[columns[k]] = -scores[k] / control_.weight;
    for (std::size_t g : asked) {
      penalty_.to_coordinates(g, gradient, gradient_);
      asked_at_[g] = way_;
    }
    return true;
  }

  // Where all penalised coefficients are zero. What the tolerance is measured by is known only there.
  bool fit_null() {
    for (std::size_t g = 0; g < groups().size(); ++g)
      is_candidate_[g] = !problem_.of_columns || !groups()[g].is_penalised();
    if (!open_descent()) return false;
    descend(0.0, control_.tolerance * std::max(1.0, descent_->run->largest_slope()), true);
    if (!ask_all(everything)) return false;
    result_.unit = penalty_.largest_norm(gradient_);
    if (!(result_.unit > 0.0)) result_.unit = 1.0;
    descend(0.0, control_.tolerance * result_.unit, true);
    if (!ask_all(everything)) return false;
    result_.null_deviance = deviance_;
    result_.null_coefficients = coefficients_;
    for (std::size_t g = 0; g < groups().size(); ++g)
      result_.largest = std::max(result_.largest, penalty_.entry(g, slope(g)));
    return std::isfinite(deviance_);
  }

  std::vector<double> make_lambdas() const {
    if (!lambdas_.given.empty()) return lambdas_.given;
    const double first = result_.largest > 0.0 ? result_.largest : strength_of_ridge();
    std::vector<double> made(lambdas_.count);
    for (std::size_t k = 0; k < made.size(); ++k)
      made[k] = k == 0 ? first
                       : first * std::pow(lambdas_.ratio, static_cast<double>(k) /
                                                              static_cast<double>(made.size() - 1));
    return made;
  }

  double strength_of_ridge() const {
    double largest = 0.0;
    for (std::size_t g = 0; g < groups().size(); ++g)
      if (groups()[g].square > 0.0)
        largest = std::max(largest, norm_of(slope(g), groups()[g].size()) /
                                        (least_norm_share * groups()[g].square));
    return largest > 0.0 ? largest : 1.0;
  }

  // The candidates of a lambda by what is known at the one before; true when some are new.
  bool add_candidates(double lambda, double previous, double ahead) {
    const auto may_enter = [this](std::size_t g, double least) {
      return groups()[g].norm == 0.0 || penalty_.entry(g, slope(g)) >= least;
    };
    bool is_new = false;
    for (std::size_t g = 0; g < groups().size() && !is_new; ++g)
      is_new = !is_candidate_[g] && may_enter(g, 2.0 * lambda - previous);
    if (is_new)
      for (std::size_t g = 0; g < groups().size(); ++g)
        if (may_enter(g, 2.0 * ahead - previous)) is_candidate_[g] = 1;
    return is_new;
  }

  bool add_missing(double lambda, double tolerance) {
    bool is_new = false;
    for (std::size_t g = 0; g < groups().size(); ++g) {
      if (is_candidate_[g]) continue;
      const double violation =
          penalty_.violation(g, lambda, theta_.data() + penalty_.offset(g), slope(g));
      if (violation <= tolerance) continue;
      is_new = true;
      is_candidate_[g] = 1;
    }
    return is_new;
  }

  void fit(double lambda, double previous, double next, double ahead) {
    const double tolerance = control_.tolerance * result_.unit;
    int steps = descent_->run->steps(), made = 0;
    bool converged = true, is_new = add_candidates(lambda, previous, ahead);
    do {
      if (is_new) {
        made += descent_->run->steps() - steps;
        converged = open_descent();
        steps = 0;
      }
      converged = converged && descend(lambda, tolerance, false);
      converged = ask_all(std::min(lambda, 2.0 * next - lambda)) && converged;
      is_new = converged && add_missing(lambda, tolerance);
    } while (is_new);
    result_.lambda.push_back(lambda);
    result_.coefficients.push_back(coefficients_);
    result_.deviance.push_back(deviance_);
    result_.violation.push_back(violation_ / result_.unit);
    result_.converged.push_back(converged);
    result_.steps.push_back(made + descent_->run->steps() - steps);
    if (lambdas_.relax) relax(tolerance);
  }

  // The unpenalised fit of what is not zero, from where the path stands.
  void relax(double tolerance) {
    std::vector<std::size_t> active;
    std::size_t count_of = penalty_.free().size();
    for (std::size_t g = 0; g < groups().size(); ++g) {
      const double* theta = theta_.data() + penalty_.offset(g);
      if (groups()[g].is_penalised() && norm_of(theta, groups()[g].size()) == 0.0) continue;
      active.push_back(g);
      count_of += groups()[g].size();
    }
    if (result_.relaxed.empty() || active != relaxed_groups_) {
      relaxed_ = coefficients_;
      relaxed_deviance_ = deviance_;
      const bool has_rows = static_cast<double>(count_of) < problem_.whole->traits().effective_rows;
      if (!has_rows || !release(active, tolerance)) {
        std::fill(relaxed_.begin(), relaxed_.end(), std::numeric_limits<double>::quiet_NaN());
        relaxed_deviance_ = std::numeric_limits<double>::quiet_NaN();
      }
      relaxed_groups_ = std::move(active);
    }
    result_.relaxed.push_back(relaxed_);
    result_.relaxed_deviance.push_back(relaxed_deviance_);
  }

  bool release(const std::vector<std::size_t>& active, double tolerance) {
    const auto descent = outline(problem_.of_columns ? active : descent_->groups);
    if (descent_->summed && !problem_.of_columns)
      descent->run =
          std::make_unique<ProximalNewton>(*descent_->summed, descent->penalty, descent->control);
    else
      go_by_information(*descent);
    descent->run->set_tolerance(tolerance);
    std::vector<char> may_move;
    for (std::size_t g : descent->groups)
      may_move.push_back(std::binary_search(active.begin(), active.end(), g));
    const bool converged = begin(*descent) && descent->run->minimise(0.0, may_move);
    for (std::size_t k = 0; k < descent->columns.size(); ++k)
      relaxed_[descent->columns[k]] = descent->run->coefficients()[k];
    relaxed_deviance_ = descent->run->deviance();
    if (!descent_->summed || problem_.of_columns) count(*descent);
    return converged;
  }

  bool has_ended() const {
    const std::size_t done = result_.deviance.size();
    if (!(result_.null_deviance > 0.0) || done < 5) return false;
    const auto explained = [this](std::size_t k) {
      return 1.0 - result_.deviance[k] / result_.null_deviance;
    };
    const double now = explained(done - 1);
    return now >= lambdas_.most_explained || now - explained(done - 2) < lambdas_.least_gain * now;
  }

  const PathProblem& problem_;
  const SeparablePenalty& penalty_;
  const PathLambdas& lambdas_;
  const ProximalControl& control_;
  std::vector<double> theta_, coefficients_, gradient_;
  std::vector<char> is_candidate_, is_in_descent_;
  std::unique_ptr<Descent> descent_;
  bool has_all_ = false;  ///< the descent has all groups
  bool columns_were_slow_ = false;
  std::vector<double> residual_;  ///< where all were asked last
  Way way_;
  std::vector<Way> asked_at_;  ///< of each group
  std::vector<std::size_t> relaxed_groups_;
  std::vector<double> relaxed_;
  double relaxed_deviance_ = 0.0;
  double deviance_ = 0.0, violation_ = 0.0;
  PathResult result_;
};

}  // namespace

PathResult follow_path(const PathProblem& problem, const SeparablePenalty& penalty,
                       const PathLambdas& lambdas, const std::vector<double>& start,
                       const ProximalControl& control,
                       const std::function<void(std::size_t)>& report) {
  return Path(problem, penalty, lambdas, control).follow(start, report);
}

}  // namespace glmpp
