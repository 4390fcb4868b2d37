#include "memory_objective.h"

#include <algorithm>
#include <cmath>

#include "linalg/compensated.h"
#include "linalg/triangular_update.h"
#include "parallel/lanes.h"

namespace glmpp {

struct MemoryObjective::LaneSums {
  RowSums rows;
  std::vector<double> own_score;
  std::vector<double> tables;
  std::vector<double> observed_tables;
  Matrix root;
  std::vector<Compensated> exact_score;
  Sums totals;
};

struct MemoryObjective::Workspace {
  explicit Workspace(const Design& design)
      : tile(design.make_tile()),
        length(padded_to_8(design.tile_rows())),
        room(7 * length) {}

  DesignTile tile;
  std::size_t length;
  AlignedBuffer room;      ///< seven vectors of a tile's rows
  /// A tile of the whole design, for blockwise QR and exact scores only.
  AlignedBuffer expanded;
};

/// One lane's sweep over its rows. A model that must see all rows at once is called between two
/// sweeps: the first leaves eta in the fitted rows, the second sums what the model left there.
class MemoryObjective::LaneSweep {
 public:
  LaneSweep(const MemoryObjective& objective, Workspace& workspace, unsigned need, LaneSums& sums)
      : objective_(objective),
        need_(need),
        sums_(sums),
        tile_(workspace.tile),
        length_(workspace.length),
        room_(workspace.room),
        expanded_(workspace.expanded) {
    const Design& design = objective.design_;
    if (need & need_score) sums.own_score.assign(design.own_width(), 0.0);
    if (need & need_information) sums.tables.assign(design.tables_size(), 0.0);
    if (need & need_observed_information) sums.observed_tables.assign(design.tables_size(), 0.0);
    const std::size_t p = design.coefficient_count();
    if (need & need_root) sums.root.resize_zero(p, p);
    if (need & need_exact_score) sums.exact_score.assign(p, {});
    if (need & (need_root | need_exact_score) && expanded_.size() == 0)
      expanded_.resize(length_ * p);
  }

  /// One fused sweep: predictor, row model and sums while a tile is in the cache.
  void fused(RowRange lane, Point point, const double* own) {
    each_tile(lane, [&](RowRange rows) {
      predict(rows, point, own);
      evaluate_model(rows);
      if (point == Point::start) to_working_response(rows);
      add_sums(rows);
    });
  }

  /// As fused(), away from the start, with the exact score in place of the plain one.
  void fused_exactly(RowRange lane, const std::vector<double>& coefficients) {
    std::vector<double> low(length_);
    each_tile(lane, [&](RowRange rows) {
      predict_exactly(rows, coefficients, low.data());
      evaluate_model(rows);
      for (std::size_t i = 0; i < rows.count; ++i) residual()[i] -= weight()[i] * low[i];
      for (std::size_t j = 0; j < coefficients.size(); ++j)
        for (std::size_t i = 0; i < rows.count; ++i)
          sums_.exact_score[j].add_product(expanded_[i + j * length_], residual()[i]);
      add_sums(rows);
    });
  }

  void predict_only(RowRange lane, Point point, const double* own) {
    each_tile(lane, [&](RowRange rows) {
      predict(rows, point, own);
      std::copy_n(eta(), rows.count, objective_.fitted_.eta + rows.begin);
    });
  }

  void sum_only(RowRange lane, Point point) {
    const FittedRows& fitted = objective_.fitted_;
    each_tile(lane, [&](RowRange rows) {
      std::copy_n(fitted.eta + rows.begin, rows.count, eta());
      std::copy_n(fitted.weight + rows.begin, rows.count, weight());
      for (std::size_t i = 0; i < rows.count; ++i)
        residual()[i] =
            weight()[i] == 0.0 ? 0.0 : weight()[i] * fitted.working_residual[rows.begin + i];
      if (need_ & need_totals) {
        objective_.response_.y.read(rows, y());
        objective_.response_.weights.read(rows, prior());
        add_totals(rows, fitted.mean + rows.begin, fitted.working_residual + rows.begin);
      }
      if (point == Point::start) to_working_response(rows);
      add_sums(rows);
    });
  }

 private:
  template <class Visit>
  void each_tile(RowRange lane, Visit visit) {
    const std::size_t step = objective_.design_.tile_rows();
    for (std::size_t done = 0; done < lane.count; done += step * objective_.stride_) {
      const RowRange rows{lane.begin + done, std::min(step, lane.count - done)};
      objective_.design_.load(rows, tile_);
      visit(rows);
    }
  }

  void predict(RowRange rows, Point point, const double* own) {
    const Response& response = objective_.response_;
    response.y.read(rows, y());
    response.weights.read(rows, prior());
    if (point == Point::start) {
      if (response.start_eta)
        std::copy_n(response.start_eta + rows.begin, rows.count, eta());
      else
        objective_.model_.start({rows.count, nullptr, y(), prior()}, eta());
      return;
    }
    if (response.offset)
      std::copy_n(response.offset + rows.begin, rows.count, eta());
    else
      std::fill_n(eta(), rows.count, 0.0);
    objective_.design_.add_linear_predictor(tile_, own, eta());
  }

  // eta to twice the working precision: what rounding leaves of it goes to `low`.
  void predict_exactly(RowRange rows, const std::vector<double>& coefficients, double* low) {
    const Response& response = objective_.response_;
    response.y.read(rows, y());
    response.weights.read(rows, prior());
    objective_.design_.expand(tile_, expanded_.data(), length_);
    for (std::size_t i = 0; i < rows.count; ++i) {
      Compensated sum;
      if (response.offset) sum.add(response.offset[rows.begin + i]);
      for (std::size_t j = 0; j < coefficients.size(); ++j)
        sum.add_product(expanded_[i + j * length_], coefficients[j]);
      eta()[i] = sum.value();
      low[i] = (sum.high - eta()[i]) + sum.low;
    }
  }

  void evaluate_model(RowRange rows) {
    WorkingRows out = working_rows(rows);
    const RowSums tile_sums = objective_.model_.evaluate({rows.count, eta(), y(), prior()}, out);
    sums_.rows.deviance += tile_sums.deviance;
    sums_.rows.valid &= tile_sums.valid;
    if (need_ & need_totals) add_totals(rows, out.mean, out.working_residual);
    store(rows);
  }

  void add_totals(RowRange rows, const double* mean, const double* working_residual) {
    Sums& totals = sums_.totals;
    for (std::size_t i = 0; i < rows.count; ++i) {
      if (weight()[i] > 0.0) totals.pearson += weight()[i] * working_residual[i] * working_residual[i];
      if (prior()[i] > 0.0) totals.relative += prior()[i] * y()[i] / mean[i];
      totals.least_mean = std::min(totals.least_mean, mean[i]);
      totals.most_mean = std::max(totals.most_mean, mean[i]);
    }
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
    std::copy_n(weight(), rows.count, fitted.weight + rows.begin);
  }

  void add_sums(RowRange rows) {
    const Design& design = objective_.design_;
    pad(residual(), rows.count);
    if (need_ & need_score) design.add_score(tile_, residual(), sums_.own_score.data());
    if (need_ & need_information) {
      pad(weight(), rows.count);
      design.add_information(tile_, weight(), sums_.tables.data());
    }
    if (need_ & need_root) add_root(rows.count);
    if (need_ & need_observed_information) add_observed_information(rows.count);
  }

  void add_observed_information(std::size_t count) {
    objective_.model_.observed_weights({count, eta(), y(), prior()}, mean());
    pad(mean(), count);
    objective_.design_.add_information(tile_, mean(), sums_.observed_tables.data());
  }

  static void pad(double* values, std::size_t count) {
    std::fill(values + count, values + padded_to_8(count), 0.0);
  }

  void add_root(std::size_t count) {
    const std::size_t p = objective_.design_.coefficient_count();
    objective_.design_.expand(tile_, expanded_.data(), length_);
    for (std::size_t i = 0; i < count; ++i) mean()[i] = std::sqrt(weight()[i]);
    for (std::size_t j = 0; j < p; ++j)
      for (std::size_t i = 0; i < count; ++i) expanded_[i + j * length_] *= mean()[i];
    absorb_rows(sums_.root, expanded_.data(), length_, count);
  }

  double* eta() { return room_.data(); }
  double* y() { return room_.data() + length_; }
  double* prior() { return room_.data() + 2 * length_; }
  double* mean() { return room_.data() + 3 * length_; }
  double* weight() { return room_.data() + 4 * length_; }
  double* residual() { return room_.data() + 5 * length_; }
  double* working_residual() { return room_.data() + 6 * length_; }

  const MemoryObjective& objective_;
  unsigned need_;
  LaneSums& sums_;
  DesignTile& tile_;
  std::size_t length_;
  AlignedBuffer& room_;
  AlignedBuffer& expanded_;
};

MemoryObjective::MemoryObjective(const Design& design, const RowModel& model, Response response,
                                 FittedRows fitted, unsigned threads, std::function<void()> poll,
                                 std::size_t stride)
    : design_(design),
      model_(model),
      response_(response),
      fitted_(fitted),
      threads_(threads),
      poll_(std::move(poll)),
      stride_(stride),
      workspaces_(std::max(threads, 1u)) {
  traits_ = describe();
}

MemoryObjective::~MemoryObjective() = default;

double MemoryObjective::count_effective_rows() const {
  if (response_.weights.is_constant()) return static_cast<double>(design_.rows());
  double count = 0.0;
  std::vector<double> weights(design_.tile_rows());
  for (std::size_t begin = 0; begin < design_.rows(); begin += weights.size()) {
    const RowRange rows{begin, std::min(weights.size(), design_.rows() - begin)};
    response_.weights.read(rows, weights.data());
    for (std::size_t i = 0; i < rows.count; ++i) count += weights[i] != 0.0;
  }
  return count;
}

MemoryObjective::Workspace& MemoryObjective::workspace(std::size_t worker) {
  if (!workspaces_[worker]) workspaces_[worker] = std::make_unique<Workspace>(design_);
  return *workspaces_[worker];
}

void MemoryObjective::evaluate(const std::vector<double>& coefficients, unsigned need,
                               Sums& sums) {
  sweep(Point::coefficients, coefficients, need, sums);
}

void MemoryObjective::evaluate_start(unsigned need, Sums& sums) {
  sweep(Point::start, std::vector<double>(coefficient_count(), 0.0), need, sums);
}

double MemoryObjective::row_cost(unsigned need) const {
  constexpr double row_model_cost = 200.0;  // exponentials and the like, in Gram operations
  const double p = static_cast<double>(design_.coefficient_count());
  double cost = row_model_cost + design_.row_cost();
  if (need & need_information) cost += design_.information_cost();
  if (need & need_observed_information) cost += design_.information_cost();
  if (need & need_root) cost += 8.0 * p * p;
  return cost;
}

Traits MemoryObjective::describe() const {
  Traits traits;
  traits.coefficients = design_.coefficient_count();
  traits.effective_rows = count_effective_rows() / static_cast<double>(stride_);
  traits.has_constant_information = model_.has_constant_weights();
  traits.is_quadratic = model_.is_quadratic();
  traits.has_observed_information = model_.has_observed_weights();
  traits.information_share = 1.0 - row_cost(need_score) / row_cost(need_score | need_information);
  return traits;
}

LanePlan MemoryObjective::plan(unsigned need) const {
  const std::size_t p = design_.coefficient_count();
  std::size_t size = design_.own_width();
  if (need & need_information) size += design_.tables_size();
  if (need & need_observed_information) size += design_.tables_size();
  if (need & need_root) size += p * p;
  return LanePlan(design_.rows(), row_cost(need) / static_cast<double>(stride_), size);
}

void MemoryObjective::sweep(Point point, const std::vector<double>& coefficients, unsigned need,
                            Sums& sums) {
  if (poll_) poll_();
  const bool exactly = (need & need_exact_score) && point == Point::coefficients &&
                       model_.works_by_ranges();
  if (!exactly) need &= ~static_cast<unsigned>(need_exact_score);
  if (!model_.has_observed_weights()) need &= ~static_cast<unsigned>(need_observed_information);
  const LanePlan lanes = plan(need);
  const std::vector<double> own = design_.to_own(coefficients);
  std::vector<LaneSums> lane_sums(lanes.count());

  if (model_.works_by_ranges()) {
    run_lanes(
        lanes.count(), threads_,
        [&](std::size_t i, std::size_t worker) {
          LaneSweep sweep(*this, workspace(worker), need, lane_sums[i]);
          if (exactly)
            sweep.fused_exactly(lanes.lane(i), coefficients);
          else
            sweep.fused(lanes.lane(i), point, own.data());
        },
        poll_);
  } else {
    std::vector<double> y(design_.rows()), weights(design_.rows()), residual(design_.rows());
    response_.y.read({0, design_.rows()}, y.data());
    response_.weights.read({0, design_.rows()}, weights.data());
    LaneSums unused;
    LaneSweep(*this, workspace(0), need_deviance, unused)
        .predict_only({0, design_.rows()}, point, own.data());
    WorkingRows out{fitted_.mean, fitted_.weight, residual.data(), fitted_.working_residual};
    const RowSums row_sums =
        model_.evaluate({design_.rows(), fitted_.eta, y.data(), weights.data()}, out);
    lane_sums[0].rows = row_sums;
    run_lanes(
        lanes.count(), threads_,
        [&](std::size_t i, std::size_t worker) {
          LaneSweep(*this, workspace(worker), need, lane_sums[i]).sum_only(lanes.lane(i), point);
        },
        poll_);
  }
  combine(lane_sums, need, sums);
}

void MemoryObjective::combine(std::vector<LaneSums>& lanes, unsigned need, Sums& sums) const {
  LaneSums& total = lanes.front();
  for (std::size_t i = 1; i < lanes.size(); ++i) {
    total.rows.deviance += lanes[i].rows.deviance;
    total.rows.valid &= lanes[i].rows.valid;
    auto add = [](std::vector<double>& to, const std::vector<double>& from) {
      for (std::size_t k = 0; k < from.size(); ++k) to[k] += from[k];
    };
    add(total.own_score, lanes[i].own_score);
    add(total.tables, lanes[i].tables);
    add(total.observed_tables, lanes[i].observed_tables);
    for (std::size_t j = 0; j < total.exact_score.size(); ++j) {
      total.exact_score[j].add(lanes[i].exact_score[j].high);
      total.exact_score[j].low += lanes[i].exact_score[j].low;
    }
    if (need & need_root)
      absorb_rows(total.root, lanes[i].root.data(), lanes[i].root.rows(), lanes[i].root.rows());
    merge_numbers(lanes[i].totals, total.totals);
  }

  sums.filled = need;
  sums.deviance = total.rows.deviance;
  sums.valid = total.rows.valid && std::isfinite(sums.deviance);
  if (need & need_score) {
    design_.collect_score(total.own_score.data(), sums.score);
    for (std::size_t j = 0; j < total.exact_score.size(); ++j)
      sums.score[j] = total.exact_score[j].value();
    for (double value : sums.score) sums.valid &= std::isfinite(value);
  }
  if (need & need_information) design_.collect_information(total.tables.data(), sums.information);
  if (need & need_observed_information)
    design_.collect_information(total.observed_tables.data(), sums.observed_information);
  if (need & need_root) sums.root = std::move(total.root);
  if (need & need_totals) {
    for (const SumField& field : sum_fields())
      if (field.number) sums.*field.number = total.totals.*field.number;
  }
}

}  // namespace glmpp
