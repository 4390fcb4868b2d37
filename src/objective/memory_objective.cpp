#include "memory_objective.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "family/model_factory.h"
#include "family/observes_more.h"
#include "linalg/triangular_update.h"
#include "parallel/tiles.h"

namespace glmpp {

class MemoryObjective::Worker : public TileWorker {
 public:
  explicit Worker(const MemoryObjective& objective)
      : objective_(objective),
        length_(padded_to_8(objective.design().tile_rows())),
        room_(8 * length_) {}

  void add(RowRange rows, DesignTile& tile, LaneTotals& totals) override {
    if (!objective_.model_.works_by_ranges())
      recall(rows, totals);
    else if (objective_.need() & need_exact_score)
      evaluate_exactly(rows, tile, totals);
    else
      evaluate(rows, tile, totals);
    if (objective_.point_ == PassPoint::start) to_working_response(rows);
    add_sums(rows, tile, totals);
  }

  /// The linear predictor of these rows; their response and prior weights are read too.
  const double* predict(RowRange rows, const DesignTile& tile) {
    const Response& response = objective_.response_;
    read_response(rows);
    if (objective_.point_ == PassPoint::start) {
      if (response.start_eta)
        std::copy_n(response.start_eta + rows.begin, rows.count, eta());
      else
        objective_.model_.start({rows.count, nullptr, y(), prior()}, eta());
      return eta();
    }
    begin_at_offset(rows);
    objective_.design().add_linear_predictor(tile, objective_.own_.data(), eta());
    return eta();
  }

 private:
  void read_response(RowRange rows) {
    objective_.response_.y.read(rows, y());
    objective_.response_.prior_weights.read(rows, prior());
  }

  void evaluate(RowRange rows, const DesignTile& tile, LaneTotals& totals) {
    predict(rows, tile);
    evaluate_model(rows, totals);
  }

  // The exact score comes beside the plain one, whose residuals are those of the exact predictor too.
  void evaluate_exactly(RowRange rows, const DesignTile& tile, LaneTotals& totals) {
    predict_exactly(rows, tile);
    evaluate_model(rows, totals);
    for (std::size_t i = 0; i < rows.count; ++i) residual()[i] -= weight()[i] * low()[i];
    pad(residual(), rows.count);
    for (std::size_t j = 0; j < totals.compensated.size(); ++j)
      add_products(expanded_.data() + j * length_, residual(), padded_to_8(rows.count),
                   totals.compensated[j]);
  }

  // eta to twice the working precision: what rounding leaves of it goes to low().
  void predict_exactly(RowRange rows, const DesignTile& tile) {
    const std::vector<double>& coefficients = objective_.coefficients_;
    read_response(rows);
    begin_at_offset(rows);
    expand(tile);
    predict_to_twice_the_precision(expanded_.data(), length_, padded_to_8(rows.count),
                                   coefficients.size(), coefficients.data(), eta(), low());
  }

  void begin_at_offset(RowRange rows) {
    const double* offset = objective_.response_.offset;
    if (offset)
      std::copy_n(offset + rows.begin, rows.count, eta());
    else
      std::fill_n(eta(), rows.count, 0.0);
  }

  void evaluate_model(RowRange rows, LaneTotals& totals) {
    WorkingRows out = working_rows(rows);
    const RowSums sums = objective_.model_.evaluate({rows.count, eta(), y(), prior()}, out);
    totals.deviance += sums.deviance;
    totals.valid &= sums.valid;
    if (objective_.need() & need_totals)
      add_numbers(rows, out.mean, out.working_residual, totals.numbers);
    if (objective_.need() & need_parameter) add_parameter_sums(rows, out.mean, totals.numbers);
    store(rows);
  }

  // What the model left in the fitted rows.
  void recall(RowRange rows, LaneTotals& totals) {
    const FittedRows& fitted = objective_.fitted_;
    std::copy_n(fitted.eta + rows.begin, rows.count, eta());
    std::copy_n(fitted.working_weight + rows.begin, rows.count, weight());
    for (std::size_t i = 0; i < rows.count; ++i)
      residual()[i] =
          weight()[i] == 0.0 ? 0.0 : weight()[i] * fitted.working_residual[rows.begin + i];
    if (!(objective_.need() & need_totals)) return;
    read_response(rows);
    add_numbers(rows, fitted.mean + rows.begin, fitted.working_residual + rows.begin,
                totals.numbers);
  }

  void add_numbers(RowRange rows, const double* mean, const double* working_residual,
                   Sums& numbers) {
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (weight()[i] > 0.0)
        numbers.pearson += weight()[i] * working_residual[i] * working_residual[i];
      numbers.least_mean = std::min(numbers.least_mean, mean[i]);
      numbers.most_mean = std::max(numbers.most_mean, mean[i]);
    }
  }

  void add_parameter_sums(RowRange rows, const double* mean, Sums& numbers) {
    ParameterSums sums;
    objective_.model_.add_parameter_sums({rows.count, eta(), y(), prior()}, mean, sums);
    numbers.log_likelihood += sums.log_likelihood;
    numbers.parameter_score += sums.score;
    numbers.parameter_information += sums.information;
  }

  // The residual becomes w z, z = eta - offset + (y - mu) / (dmu/deta).
  void to_working_response(RowRange rows) {
    const double* offset = objective_.response_.offset;
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double shift = offset ? offset[rows.begin + i] : 0.0;
      residual()[i] += weight()[i] * (eta()[i] - shift);
    }
  }

  // Mean and working residual are written in place where they are kept.
  WorkingRows working_rows(RowRange rows) {
    const FittedRows& fitted = objective_.fitted_;
    if (!fitted.eta) return {mean(), weight(), residual(), working_residual()};
    return {fitted.mean + rows.begin, weight(), residual(), fitted.working_residual + rows.begin};
  }

  void store(RowRange rows) {
    const FittedRows& fitted = objective_.fitted_;
    if (!fitted.eta) return;
    std::copy_n(eta(), rows.count, fitted.eta + rows.begin);
    std::copy_n(weight(), rows.count, fitted.working_weight + rows.begin);
  }

  void add_sums(RowRange rows, DesignTile& tile, LaneTotals& totals) {
    const Design& design = objective_.design();
    const unsigned need = objective_.need();
    double* values = totals.values.data();
    pad(residual(), rows.count);
    if (need & need_score) design.add_score(tile, residual(), values);
    values += design.own_width();
    if (need & need_information) {
      pad(weight(), rows.count);
      design.add_information(tile, weight(), values);
      values += design.tables_size();
    }
    if (need & need_root) add_root(rows.count, tile, totals.root);
    if (need & need_observed_information) {
      add_observed_information(rows.count, tile, values);
      values += design.tables_size();
    }
    if (need & need_adjustment) add_bias_terms(rows.count, tile, values);
  }

  // The weights are those of the pass; what each row adds to the score takes the place of its mean.
  void add_bias_terms(std::size_t count, const DesignTile& tile, double* values) {
    const BiasTerms& terms = *objective_.bias_;
    const RowSolver& solver = *objective_.bias_solver_;
    if (solved_.size() == 0) solved_.resize(length_ * solver.rank() + length_);
    double *z = solved_.data(), *sizes = z + length_ * solver.rank();
    expand(tile);
    solver.solve(expanded_.data(), length_, terms.estimable, count, z, sizes);
    double *of_slope = mean(), *of_variance = working_residual();
    objective_.model_.log_slopes({count, eta(), y(), prior()}, of_slope, of_variance);
    if (terms.with_cubes) {
      solver.solve_transposed(count, z, length_);
      double* cubes = values + objective_.design().own_width();
      for (std::size_t k = 0; k < solver.rank(); ++k)
        for (std::size_t i = 0; i < count; ++i) {
          const double change = z[i + k * length_];
          cubes[terms.estimable[k]] +=
              weight()[i] * (of_variance[i] / 6.0 - of_slope[i] / 2.0) * change * change * change;
        }
    }
    for (std::size_t i = 0; i < count; ++i)
      mean()[i] = weight()[i] == 0.0
                      ? 0.0
                      : weight()[i] * sizes[i] *
                            (terms.on_slope * of_slope[i] + terms.on_variance * of_variance[i]);
    pad(mean(), count);
    objective_.design().add_score(tile, mean(), values);
  }

  void add_root(std::size_t count, const DesignTile& tile, Matrix& root) {
    expand(tile);
    for (std::size_t i = 0; i < count; ++i) mean()[i] = std::sqrt(weight()[i]);
    for (std::size_t j = 0; j < root.cols(); ++j)
      for (std::size_t i = 0; i < count; ++i) expanded_[i + j * length_] *= mean()[i];
    absorb_rows(root, expanded_.data(), length_, count);
  }

  void add_observed_information(std::size_t count, DesignTile& tile, double* tables) {
    objective_.model_.observed_weights({count, eta(), y(), prior()}, mean());
    pad(mean(), count);
    objective_.design().add_information(tile, mean(), tables);
  }

  void expand(const DesignTile& tile) {
    if (expanded_.size() == 0) expanded_.resize(length_ * objective_.design().coefficient_count());
    objective_.design().expand(tile, expanded_.data(), length_);
  }

  static void pad(double* values, std::size_t count) {
    std::fill(values + count, values + padded_to_8(count), 0.0);
  }

  double* eta() { return room_.data(); }
  double* y() { return room_.data() + length_; }
  double* prior() { return room_.data() + 2 * length_; }
  double* mean() { return room_.data() + 3 * length_; }
  double* weight() { return room_.data() + 4 * length_; }
  double* residual() { return room_.data() + 5 * length_; }
  double* working_residual() { return room_.data() + 6 * length_; }
  double* low() { return room_.data() + 7 * length_; }

  const MemoryObjective& objective_;
  std::size_t length_;
  AlignedBuffer room_;      ///< eight vectors of a tile's rows
  AlignedBuffer expanded_;  ///< a tile of the whole design, for blockwise QR, exact scores and bias
  AlignedBuffer solved_;    ///< what is solved for its rows, and their sizes
};

MemoryObjective::MemoryObjective(const Design& design, const RowModel& model, Response response,
                                 FittedRows fitted, unsigned threads, std::function<void()> poll,
                                 std::size_t stride)
    : SweepObjective(design, {threads, poll, stride}),
      model_(model),
      how_{threads, std::move(poll), stride},
      response_(response),
      fitted_(fitted) {
  traits_.coefficients = design.coefficient_count();
  traits_.has_constant_information = model.has_constant_weights();
  traits_.is_quadratic = model.is_quadratic();
  traits_.has_observed_information = model.has_observed_weights();
  traits_.observes_more = observes_more(model);
  traits_.gives_root = !design.elimination();
  describe_rows(response.prior_weights);
  if (!model.works_by_ranges() && !fitted_.eta) make_fitted_rows();
}

namespace {

// What the twin reads; a base, so that it is there first.
struct NormalRows {
  std::unique_ptr<RowModel> normal;
  std::vector<double> zeros;
};
class NormalTwin : private NormalRows, public MemoryObjective {
 public:
  NormalTwin(const Design& design, const Column& prior_weights, const Sweep& how)
      : NormalRows{make_normal(), std::vector<double>(design.rows())},
        MemoryObjective(design, *normal,
                        {Column::real(zeros.data()), prior_weights, nullptr, nullptr}, {},
                        how.threads, how.poll, how.stride) {}

 private:
  static std::unique_ptr<RowModel> make_normal() {
    ModelName name;
    name.variance = "constant";
    name.link = "identity";
    return make_row_model(name);
  }
};

}  // namespace

std::unique_ptr<Objective> MemoryObjective::normal_twin() const {
  return std::make_unique<NormalTwin>(design(), response_.prior_weights, how_);
}

void MemoryObjective::make_fitted_rows() {
  const std::size_t n = design().rows();
  room_.resize(4 * n);
  double* first = room_.data();
  fitted_ = {first, first + n, first + 2 * n, first + 3 * n};
}

unsigned MemoryObjective::fillable(PassPoint point, unsigned need) const {
  if (point == PassPoint::start || !model_.works_by_ranges())
    need &= ~static_cast<unsigned>(need_exact_score);
  if (!model_.has_observed_weights()) need &= ~static_cast<unsigned>(need_observed_information);
  if (!model_.has_parameter()) need &= ~static_cast<unsigned>(need_parameter);
  if (!bias_ || point == PassPoint::start || !model_.works_by_ranges())
    need &= ~static_cast<unsigned>(need_adjustment);
  return need;
}

void MemoryObjective::set_bias_terms(const BiasTerms* terms) {
  bias_ = terms;
  bias_solver_ =
      terms ? std::make_unique<RowSolver>(terms->root, terms->estimable.size()) : nullptr;
}

bool MemoryObjective::begin(PassPoint point, const std::vector<double>& coefficients) {
  point_ = point;
  coefficients_ = coefficients;
  own_ = design().to_own(coefficients);
  if (!model_.works_by_ranges()) evaluate_all_rows();
  return true;
}

// On the calling thread: such a model may be R's.
void MemoryObjective::evaluate_all_rows() {
  const std::size_t n = design().rows();
  Worker worker(*this);
  DesignTile tile = design().make_tile();
  for (RowRange rows : Tiles({0, n}, design().tile_rows())) {
    design().load(rows, tile);
    std::copy_n(worker.predict(rows, tile), rows.count, fitted_.eta + rows.begin);
  }
  std::vector<double> y(n), weights(n), residual(n);
  response_.y.read({0, n}, y.data());
  response_.prior_weights.read({0, n}, weights.data());
  WorkingRows out{fitted_.mean, fitted_.working_weight, residual.data(), fitted_.working_residual};
  all_rows_ = model_.evaluate({n, fitted_.eta, y.data(), weights.data()}, out);
}

std::unique_ptr<TileWorker> MemoryObjective::make_worker() const {
  return std::make_unique<Worker>(*this);
}

// The score, whose place is always there, expected information, observed information, adjustment and cubes.
std::size_t MemoryObjective::values_size(unsigned need) const {
  std::size_t size = design().own_width();
  if (need & need_information) size += design().tables_size();
  if (need & need_observed_information) size += design().tables_size();
  if (need & need_adjustment) size += design().own_width() + coefficient_count();
  return size;
}

double MemoryObjective::row_cost(unsigned need) const {
  constexpr double row_model_cost = 200.0;  // exponentials and the like, in Gram operations
  const double p = static_cast<double>(coefficient_count());
  double cost = row_model_cost + design().row_cost();
  if (need & need_information) cost += design().information_cost();
  if (need & need_observed_information) cost += design().information_cost();
  if (need & need_root) cost += 8.0 * p * p;
  if (need & need_adjustment) cost += 2.0 * p * p;
  return cost;
}

void MemoryObjective::collect(const LaneTotals& total, Sums& sums) const {
  if (!model_.works_by_ranges()) {
    sums.deviance = all_rows_.deviance;
    sums.valid = all_rows_.valid;
  }
  const double* next = total.values.data();
  if (sums.has(need_score)) {
    design().collect_score(next, sums.score);
    for (std::size_t j = 0; j < total.compensated.size(); ++j)
      sums.score[j] = total.compensated[j].value();
  }
  next += design().own_width();
  if (sums.has(need_information)) {
    design().collect_information(next, sums.information, how_.threads);
    next += design().tables_size();
  }
  if (sums.has(need_observed_information)) {
    design().collect_information(next, sums.observed_information, how_.threads);
    next += design().tables_size();
  }
  if (sums.has(need_adjustment)) {
    design().collect_score(next, sums.adjustment);
    next += design().own_width();
    sums.cubes.assign(next, next + coefficient_count());
  }
}

}  // namespace glmpp
