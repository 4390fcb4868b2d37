#include "fisher_scoring.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "linalg/complement_iteration.h"
#include "rank.h"
#include "stopping.h"

namespace glmpp {

namespace {

constexpr double nearly_free = 0.1;  // a pass without the information, in the cost of one with it

// Steps by one information contract decrements by what it is off, squared; with secants they do what conjugate gradients would
// (Chebyshev's bound).
double contraction_with_secants(double contraction) {
  const double off = 1.0 - std::sqrt(1.0 - contraction);
  return off * off / contraction;
}

}  // namespace

FisherScoring::FisherScoring(const Objective& objective, const Control& control)
    : control_(control),
      rows_(objective.traits().effective_rows),
      constant_information_(objective.traits().has_constant_information),
      factoring_share_(objective.traits().information_share),
      summing_share_(objective.traits().summing_share),
      may_observe_(objective.traits().observes_more),
      estimable_(objective.coefficient_count()) {
  std::iota(estimable_.begin(), estimable_.end(), std::size_t{0});
}

FisherScoring::~FisherScoring() = default;

void FisherScoring::borrow(InformationFactor factor) {
  factor_ = std::move(factor);
  has_factor_ = !constant_information_;
  reuse_ = has_factor_ && factoring_share_ > 0.5;
}

unsigned FisherScoring::need() const {
  if (observing_) return need_score | need_observed_information;
  if (reuse_ || (has_factor_ && constant_information_)) return need_score;
  return need_score | (accurate_ ? need_root : need_information);
}

Step FisherScoring::propose(Objective& objective, Point& point) {
  return propose(objective, point, !may_iterate_);
}

Step FisherScoring::propose(Objective& objective, Point& point, bool with_factor) {
  Step step;
  ++proposals_;
  if (observing_ && propose_observed(point, step)) return step;
  is_current_ = point.sums.has(need_information) || point.sums.has(need_root);
  if (is_current_ && !(has_factor_ && constant_information_)) {
    since_factor_.clear();
    if (with_factor || !begin_iteration(point)) refresh_factor(objective, point);
  }
  if (!step_by_factor(point, step)) {
    may_iterate_ = iterates_ = false;
    return propose_current(objective, point);
  }
  // Where the steps by a factor from an earlier point end, one of the point itself is made, and that is judged.
  if (is_current_ && is_negligible(control_, rows_, point, step.decrement) &&
      judge_factor(objective, point))
    step_by_factor(point, step);
  decide_observing(point, step.decrement);
  decide_reuse(point, step.decrement);
  return step;
}

// With what the steps since the factor's point have told of the curvature.
bool FisherScoring::step_by_factor(const Point& point, Step& step) const {
  bool is_solved = true;
  step.change = since_factor_.direction(point.sums.score, [&](std::vector<double>& vector) {
    const std::vector<double> score = vector;
    if (iteration_)
      is_solved = iteration_->solve(score, vector);
    else
      factor_.solve(score, vector);
  });
  step.slope = step.decrement = inner_product(step.change, point.sums.score);
  return is_solved;
}

void FisherScoring::learn(const Point& from, const Point& to) {
  if (!reuse_ || constant_information_ || from.is_start)
    since_factor_.clear();
  else
    since_factor_.learn(from, to);
}

bool FisherScoring::propose_observed(const Point& point, Step& step) {
  if (!point.sums.has(need_observed_information)) return false;
  const Information& information = point.sums.observed_information;
  if (iterates_) {
    auto expected = std::move(iteration_);
    iteration_ = std::make_unique<ComplementIteration>(information, estimable_, control_.threads);
    may_observe_ = iteration_->is_sure() && step_by_factor(point, step);
    if (!may_observe_) iteration_ = std::move(expected);
  } else {
    const InformationFactor observed =
        InformationFactor::from_information(information, estimable_, control_.threads);
    // Steps by a factor that is not sure would be less than those of the expected information.
    may_observe_ = observed.is_positive_definite() && !observed.doubtful();
    if (may_observe_) step = newton_step(observed, point);
  }
  observing_ = may_observe_;
  if (!observing_) return false;
  is_current_ = false;
  last_decrement_ = step.decrement;
  return true;
}

// Where the next step, at the rate of the last two, would not be the last.
void FisherScoring::decide_observing(const Point& point, double decrement) {
  constexpr double near = 1.0;  // standard errors of a typical row
  observing_ = false;
  if (!may_observe_ || accurate_ || !is_current_ || point.is_start || !(last_decrement_ > 0.0))
    return;
  const double scale = std::fabs(point.sums.deviance) / rows_;
  const double next = decrement * decrement / last_decrement_;
  observing_ =
      decrement < near * near * scale && next > negligible_decrement(control_, rows_, point);
}

Step FisherScoring::propose_current(Objective& objective, Point& point) {
  observing_ = false;
  if (is_current()) return propose(objective, point);
  if (!has_curvature(point))
    evaluate_at(objective, point, need_score | (accurate_ ? need_root : need_information));
  return propose(objective, point, true);
}

Refinement FisherScoring::refine(Objective& objective, Point& point) {
  // The relative error of standard errors was measured as 8e-18 condition^2.
  constexpr double ten_digits = 2.5e3, fourteen_digits = 25.0;
  constexpr double unnoticed_operations = 2e5;
  const double p = static_cast<double>(objective.coefficient_count());
  const bool is_cheap = rows_ * p * p < unnoticed_operations;
  const bool is_rough =
      !accurate_ && factor_.condition() > (is_cheap ? fourteen_digits : ten_digits);
  Refinement refinement;
  if (is_rough && objective.traits().gives_root) {
    evaluate_at(objective, point, need_score | need_root);
    refine_factor(point);
    ++refinement.passes;
  }
  if (is_cheap) refine_coefficients(objective, point, refinement);
  return refinement;
}

void FisherScoring::refine_coefficients(Objective& objective, Point& point,
                                        Refinement& refinement) {
  constexpr int fewest_of_quadratic = 2, most = 5;
  constexpr double small = 0.1, rest = 1e-8, rounding = 1e-14;  // standard errors
  const bool refresh = accurate_ && !constant_information_;
  double last_decrement = std::numeric_limits<double>::infinity();
  std::vector<double> before;
  const bool is_quadratic = objective.traits().is_quadratic;
  for (int round = 1; round <= most; ++round) {
    evaluate_at(objective, point, need_score | need_exact_score | (refresh ? need_root : 0u));
    if (refresh) refine_factor(point);
    const Step step = newton_step(factor_, point);
    ++refinement.passes;
    // Of a perfect fit the deviance is what rounding left of it, and no scale.
    constexpr double perfect = 1e-12;
    const double scale =
        std::max(std::fabs(point.sums.deviance) / rows_, perfect * control_.deviance_unit);
    // Steps of rows at the end of their range may be NaN; where scoring does not contract, they grow.
    if (!(step.decrement < last_decrement)) {
      if (before.empty() || step.decrement <= rest * rest * scale) return;
      point.coefficients = std::move(before);
      evaluate_at(objective, point, need_score | need_exact_score);
      ++refinement.passes;
      return;
    }
    last_decrement = step.decrement;
    if (!is_quadratic && step.decrement > small * small * scale) return;
    refinement.is_at_rest = step.decrement <= rest * rest * scale;
    // The fitted rows are those before the last step.
    if (round == most && !refinement.is_at_rest) return;
    before = point.coefficients;
    for (std::size_t j = 0; j < step.change.size(); ++j) point.coefficients[j] += step.change[j];
    if (is_quadratic ? round >= fewest_of_quadratic : step.decrement <= rounding * rounding * scale)
      return;
  }
}

void FisherScoring::refine_factor(const Point& point) {
  InformationFactor refined =
      InformationFactor::from_root(point.sums.root, control_.rank_tolerance, aliased_of_rows_);
  if (refined.estimable() != factor_.estimable()) return;
  factor_ = std::move(refined);
  accurate_ = true;
}

// Whether to go on without a new information where nothing tells yet how steps by the one at hand contract. Where it is nearly all of the
// cost, a step by that of the start is always worth its pass. At a later point contraction is by what the information changes: by the share
// that the step has of the deviance, measured a few times that; secants make the passes fewer by a third and more.
bool FisherScoring::is_worth_a_try(const Point& point, double decrement) const {
  if (score_share() > nearly_free) return false;
  if (point.is_start || !is_current_) return true;
  const double contraction = 10.0 * decrement / std::fabs(point.sums.deviance);
  const double passes =
      std::log(negligible_decrement(control_, rows_, point) / (decrement * contraction)) /
      std::log(contraction);
  return contraction < 0.1 && passes < 1.3 / score_share();
}

// Decrements are squares of step lengths. Between two points with their own information Newton's
// method contracts them as d -> c d^2, and steps by information one point old as d -> 4 c d_old d. A few of
// these, each without the information, beat one more of those.
void FisherScoring::decide_reuse(const Point& point, double decrement) {
  const double last = last_decrement_;
  last_decrement_ = point.is_start ? 0.0 : decrement;
  reuse_ = false;
  const double share = score_share();
  if (share > 0.6 || accurate_ || observing_ || !(decrement > 0.0)) return;
  // More of them must not use up the iterations that are allowed.
  if (2 * proposals_ > control_.iterations) return;
  if (!(last > 0.0)) {
    reuse_ = is_worth_a_try(point, decrement);
    return;
  }
  const double ratio = decrement / last;
  const double next = is_current_ ? decrement * ratio * ratio : decrement * ratio;
  double contraction = is_current_ ? 4.0 * ratio * ratio : ratio;
  double target = negligible_decrement(control_, rows_, point);
  // Where the information is most of the cost, more of them; secants make them fewer than they seem.
  double most_passes = share < 0.3 ? std::min(1.8 / share, 20.0) : 2.5;
  double most_contraction = share < 0.3 ? 0.4 : 0.05;
  if (share < nearly_free) {
    most_contraction = 0.5;
    most_passes = 1.8 / share;
    if (contraction < most_contraction) contraction = contraction_with_secants(contraction);
    // An information that is made for the last point, and turns out not to be at it, costs many scores.
    if (!is_current_) target *= 0.01;
  }
  reuse_ = next > target && contraction < most_contraction &&
           std::log(target / next) > most_passes * std::log(contraction);
}

// The rank is that of the rows, which stays: it is found once.
void FisherScoring::rank_bordered(Objective& objective, const Point& point) {
  if (!is_ranked_) {
    factor_ = factor_by_rank(objective, point.sums.information, control_);
    estimable_ = factor_.estimable();
    combinations_ = factor_.combinations();
    is_ranked_ = true;
    return;
  }
  factor_ = InformationFactor::from_ranked(point.sums.information, estimable_, combinations_,
                                           control_.threads);
}

// A column that is a combination of others stays one. Where weights vanish, which combination is zero is rounding: then what the
// rows say without them counts.
void FisherScoring::rank_rows(Objective& objective, const Point& point) {
  if (is_ranked_ || point.is_start) return;
  is_ranked_ = true;
  const auto twin = objective.normal_twin();
  if (!twin || !twin->traits().gives_root) return;
  Sums sums;
  twin->evaluate(std::vector<double>(objective.coefficient_count(), 0.0), need_score | need_root,
                 sums);
  aliased_of_rows_ = InformationFactor::from_root(sums.root, control_.rank_tolerance).aliased();
}

// Where the information is dense, few conjugate gradients do not do, or columns may be aliased, it takes a factor.
bool FisherScoring::begin_iteration(const Point& point) {
  const Information& information = point.sums.information;
  iteration_.reset();
  iterates_ = false;
  if (accurate_ || !point.sums.has(need_information) || !information.is_bordered() ||
      ComplementIteration::most_iterations(information.shape()) == 0)
    return false;
  iteration_ = std::make_unique<ComplementIteration>(information, estimable_, control_.threads);
  may_iterate_ = iterates_ = iteration_->is_sure();
  if (!iterates_) iteration_.reset();
  return iterates_;
}

bool FisherScoring::judge_factor(Objective& objective, const Point& point) {
  if (iteration_ || factor_.is_judged()) return false;
  // A factor from an earlier point gives back its own.
  const bool is_at_hand = is_current_ && point.sums.has(need_information);
  Information information = is_at_hand ? Information() : factor_.bordered()->information();
  factor_.judge(is_at_hand ? point.sums.information : information, control_.threads);
  if (factor_.doubtful()) judges_last_ = false;
  if (factor_.doubtful() && is_at_hand) rank_bordered(objective, point);
  return true;
}

void FisherScoring::refresh_factor(Objective& objective, Point& point) {
  has_factor_ = true;
  iteration_.reset();
  factor_ = {};  // p x p doubles that the new one need not lie beside
  if (!accurate_) {
    // Where it ends for want of iterations, the factor is the last too.
    const bool may_be_last = proposals_ > control_.iterations;
    factor_ = InformationFactor::from_information(point.sums.information, estimable_,
                                                  control_.threads, may_be_last || !judges_last_);
    if (is_ranked_) factor_.know(combinations_);
    if (!factor_.doubtful()) return;
    if (point.sums.information.is_bordered()) {
      rank_bordered(objective, point);
      return;
    }
    evaluate_at(objective, point, need_score | need_root);
  }
  rank_rows(objective, point);
  factor_ =
      InformationFactor::from_root(point.sums.root, control_.rank_tolerance, aliased_of_rows_);
  estimable_ = factor_.estimable();
  if (point.is_start && !is_ranked_) {
    aliased_of_rows_ = factor_.aliased();
    is_ranked_ = true;
  }
  // Aliased columns gone, the Gram matrix of the rest may be sure again.
  if (point.sums.has(need_information))
    accurate_ =
        InformationFactor::from_information(point.sums.information, estimable_, control_.threads)
            .doubtful();
}

}  // namespace glmpp
