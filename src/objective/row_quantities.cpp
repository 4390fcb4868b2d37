#include "row_quantities.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "linalg/row_solve.h"
#include "linalg/vectors.h"
#include "parallel/lane_plan.h"
#include "parallel/lanes.h"

namespace glmpp {

namespace {

/// A worker that is no more than a function of (rows, tile, totals).
template <class Visit>
class Visitor : public TileWorker {
 public:
  explicit Visitor(Visit visit) : visit_(std::move(visit)) {}
  void add(RowRange rows, DesignTile& tile, LaneTotals& totals) override {
    visit_(rows, tile, totals);
  }

 private:
  Visit visit_;
};

// `make_visit` makes the function of each thread, which owns its room.
template <class MakeVisit>
LaneTotals visit_tiles(const Design& design, double row_cost, std::size_t values, const Sweep& how,
                       MakeVisit make_visit) {
  Sweeper sweeper(design, how, [&]() -> std::unique_ptr<TileWorker> {
    auto visit = make_visit();
    return std::make_unique<Visitor<decltype(visit)>>(std::move(visit));
  });
  return std::move(sweeper.run(row_cost, {values}));
}

// The rows of a tile, with zeros behind them as the kernels want it.
void copy_padded(const double* values, RowRange rows, AlignedBuffer& out) {
  std::copy_n(values + rows.begin, rows.count, out.data());
  std::fill(out.data() + rows.count, out.data() + padded_to_8(rows.count), 0.0);
}

}  // namespace

void add_linear_predictor(const Design& design, const std::vector<double>& coefficients,
                          const Sweep& how, double* out) {
  const std::vector<double> own = design.to_own(coefficients);
  visit_tiles(design, 2.0 * static_cast<double>(coefficients.size()), 0, how, [&] {
    AlignedBuffer eta(padded_to_8(design.tile_rows()));
    return [&design, &own, out, eta = std::move(eta)](RowRange rows, DesignTile& tile,
                                                      LaneTotals&) mutable {
      eta.fill(0.0);
      design.add_linear_predictor(tile, own.data(), eta.data());
      for (std::size_t i = 0; i < rows.count; ++i) out[rows.begin + i] += eta[i];
    };
  });
}

std::vector<double> cross_product(const Design& design, const double* residual, const Sweep& how) {
  const LaneTotals total = visit_tiles(design, design.row_cost(), design.own_width(), how, [&] {
    AlignedBuffer padded(padded_to_8(design.tile_rows()));
    return [&design, residual, padded = std::move(padded)](RowRange rows, DesignTile& tile,
                                                           LaneTotals& totals) mutable {
      copy_padded(residual, rows, padded);
      design.add_score(tile, padded.data(), totals.values.data());
    };
  });
  std::vector<double> product;
  design.collect_score(total.values.data(), product);
  return product;
}

namespace {

// Expanding a row costs an operation for each of p columns, loading it alone about as much as so many.
constexpr std::size_t few_columns = 128;

// w e of a row, from working weights, of which those that are 0 count for nothing, and working residuals.
double score_residual(const double* weights, const double* residuals, std::size_t i) {
  return weights[i] == 0.0 ? 0.0 : weights[i] * residuals[i];
}

// Sums in the columns of the model; rows are expanded tile by tile, and turned a few at a time, so that a row lies together when it is
// added to the sums of its group.
void group_sums_of_columns(const Design& design, const double* weights, const double* residuals,
                           const int* group, std::size_t groups, const Sweep& how, double* out) {
  constexpr std::size_t few_rows = 32;
  const std::size_t p = design.coefficient_count(), length = design.tile_rows();
  // As if loading were free: each lane has sums of its own.
  const double row_cost = 2.0 * static_cast<double>(p);
  const LaneTotals total = visit_tiles(design, row_cost, groups * p, how, [&] {
    return [&, p, length, expanded = std::vector<double>(length * p),
            turned = std::vector<double>(few_rows * p)](RowRange rows, DesignTile& tile,
                                                        LaneTotals& totals) mutable {
      design.expand(tile, expanded.data(), length);
      for (std::size_t first = 0; first < rows.count; first += few_rows) {
        const std::size_t count = std::min(few_rows, rows.count - first);
        double r[few_rows];
        for (std::size_t i = 0; i < count; ++i)
          r[i] = score_residual(weights, residuals, rows.begin + first + i);
        for (std::size_t j = 0; j < p; ++j) {
          const double* column = expanded.data() + first + j * length;
          for (std::size_t i = 0; i < count; ++i) turned[i * p + j] = column[i] * r[i];
        }
        for (std::size_t i = 0; i < count; ++i) {
          if (r[i] == 0.0) continue;
          double* sums = totals.values.data() +
                         static_cast<std::size_t>(group[rows.begin + first + i] - 1) * p;
          const double* row = turned.data() + i * p;
          for (std::size_t j = 0; j < p; ++j) sums[j] += row[j];
        }
      }
    };
  });
  for (std::size_t j = 0; j < p; ++j)
    for (std::size_t g = 0; g < groups; ++g) out[g + j * groups] = total.values[g * p + j];
}

// Sums in the blocks' own columns, row by row: a factor of many levels costs one addition.
void group_sums_of_blocks(const Design& design, const double* weights, const double* residuals,
                          const int* group, std::size_t groups, const Sweep& how, double* out) {
  const std::size_t own = design.own_width();
  constexpr double loading_cost = 500.0;
  const LaneTotals total = visit_tiles(design, loading_cost, groups * own, how, [&] {
    return [&, own, one = design.make_tile(), padded = AlignedBuffer(8)](
               RowRange rows, DesignTile&, LaneTotals& totals) mutable {
      for (std::size_t i = rows.begin; i < rows.begin + rows.count; ++i) {
        padded[0] = score_residual(weights, residuals, i);
        if (padded[0] == 0.0) continue;
        design.load({i, 1}, one);
        design.add_score(one, padded.data(),
                         totals.values.data() + static_cast<std::size_t>(group[i] - 1) * own);
      }
    };
  });
  std::vector<double> score;
  for (std::size_t g = 0; g < groups; ++g) {
    design.collect_score(total.values.data() + g * own, score);
    for (std::size_t j = 0; j < score.size(); ++j) out[g + j * groups] = score[j];
  }
}

}  // namespace

void group_scores(const Design& design, const double* weights, const double* residuals,
                  const int* group, std::size_t groups, const Sweep& how, double* out) {
  const auto add_up =
      design.coefficient_count() > few_columns ? group_sums_of_blocks : group_sums_of_columns;
  add_up(design, weights, residuals, group, groups, how, out);
}

Information weighted_cross_product(const Design& design, const double* weights, const Sweep& how) {
  const double row_cost = design.row_cost() + design.information_cost();
  const LaneTotals total = visit_tiles(design, row_cost, design.tables_size(), how, [&] {
    AlignedBuffer padded(padded_to_8(design.tile_rows()));
    return [&design, weights, padded = std::move(padded)](RowRange rows, DesignTile& tile,
                                                          LaneTotals& totals) mutable {
      copy_padded(weights, rows, padded);
      design.add_information(tile, padded.data(), totals.values.data());
    };
  });
  Information product;
  design.collect_information(total.values.data(), product, how.threads);
  return product;
}

namespace {

// A thread's room to solve with the root for the rows of a tile.
struct SolveRoom {
  SolveRoom(const Design& design, std::size_t rank)
      : length(design.tile_rows()),
        expanded(length * design.coefficient_count()),
        z(length * rank),
        sizes(length) {}

  void solve(const Design& design, const DesignTile& tile, const RowSolver& solver,
             const std::vector<std::size_t>& estimable) {
    design.expand(tile, expanded.data(), length);
    solver.solve(expanded.data(), length, estimable, tile.rows, z.data(), sizes.data());
  }

  std::size_t length;
  AlignedBuffer expanded, z, sizes;
};

}  // namespace

void quadratic_forms(const Design& design, const Matrix& root,
                     const std::vector<std::size_t>& estimable, const Sweep& how, double* out) {
  const RowSolver solver(root, estimable.size());
  visit_tiles(design, static_cast<double>(solver.rank() * solver.rank()), 0, how, [&] {
    return [&, room = SolveRoom(design, solver.rank())](RowRange rows, DesignTile& tile,
                                                        LaneTotals&) mutable {
      room.solve(design, tile, solver, estimable);
      std::copy_n(room.sizes.data(), rows.count, out + rows.begin);
    };
  });
}

double LeveragePower::factor(double leverage) const {
  constexpr double own_fit = 1e-8;
  if (!(1.0 - leverage > own_fit)) return 0.0;
  double exponent = power;
  for (double bound : most) exponent += std::min(bound, relative * leverage);
  return std::pow(1.0 - leverage, -exponent);
}

Information squared_scores(const Design& design, const double* weights, const double* residuals,
                           const LeveragePower* leverage, const Sweep& how) {
  const LeveragePower none;
  const LeveragePower& by = leverage ? *leverage : none;
  const RowSolver solver(by.root, by.estimable.size());
  const double row_cost = design.row_cost() + design.information_cost() +
                          static_cast<double>(solver.rank() * solver.rank());
  const LaneTotals total = visit_tiles(design, row_cost, design.tables_size(), how, [&] {
    return [&, room = leverage ? std::make_unique<SolveRoom>(design, solver.rank()) : nullptr,
            squares = AlignedBuffer(padded_to_8(design.tile_rows()))](
               RowRange rows, DesignTile& tile, LaneTotals& totals) mutable {
      if (leverage) room->solve(design, tile, solver, by.estimable);
      squares.fill(0.0);
      for (std::size_t i = 0; i < rows.count; ++i) {
        const std::size_t row = rows.begin + i;
        const double score = score_residual(weights, residuals, row);
        squares[i] = score * score;
        if (leverage) squares[i] *= by.factor(std::min(by.weights[row] * room->sizes[i], 1.0));
      }
      design.add_information(tile, squares.data(), totals.values.data());
    };
  });
  Information product;
  design.collect_information(total.values.data(), product, how.threads);
  return product;
}

void influences(const Design& design, const Matrix& root, const std::vector<std::size_t>& estimable,
                const double* weights, const double* residuals, const std::vector<long>& place,
                std::size_t kept_rows, const Sweep& how, double* hat, double* change) {
  constexpr double one = 1.0 - 10.0 * std::numeric_limits<double>::epsilon();
  const RowSolver solver(root, estimable.size());
  visit_tiles(design, 2.0 * static_cast<double>(solver.rank() * solver.rank()), 0, how, [&] {
    return [&, room = SolveRoom(design, solver.rank())](RowRange rows, DesignTile& tile,
                                                        LaneTotals&) mutable {
      room.solve(design, tile, solver, estimable);
      if (change) solver.solve_transposed(rows.count, room.z.data(), room.length);
      for (std::size_t i = 0; i < rows.count; ++i) {
        const long to = place[rows.begin + i];
        if (to < 0) continue;
        const double w = weights[rows.begin + i];
        const double h = std::min(w * room.sizes[i], 1.0);
        hat[to] = h > one ? 1.0 : h;
        // From here on the size is what the row's part of the change is multiplied by.
        if (change) room.sizes[i] = h > one ? 0.0 : std::sqrt(w) * residuals[to] / (1.0 - h);
      }
      if (!change) return;
      for (std::size_t k = 0; k < solver.rank(); ++k)
        for (std::size_t i = 0; i < rows.count; ++i) {
          const long to = place[rows.begin + i];
          if (to >= 0)
            change[static_cast<std::size_t>(to) + k * kept_rows] =
                room.sizes[i] * room.z[i + k * room.length];
        }
    };
  });
}

void term_predictors(const Design& design, const std::vector<double>& coefficients,
                     const std::vector<int>& term, int terms, const Sweep& how, double* out) {
  std::vector<std::vector<double>> of_terms;
  for (int t = 1; t <= terms; ++t) {
    std::vector<double> of_term(coefficients.size());
    for (std::size_t j = 0; j < of_term.size(); ++j)
      if (term[j] == t) of_term[j] = coefficients[j];
    of_terms.push_back(std::move(of_term));
  }
  linear_predictors(design, of_terms, how, out);
}

void linear_predictors(const Design& design, const std::vector<std::vector<double>>& coefficients,
                       const Sweep& how, double* out) {
  std::vector<std::vector<double>> own;
  for (const std::vector<double>& one : coefficients) own.push_back(design.to_own(one));
  const double row_cost =
      2.0 * static_cast<double>(design.coefficient_count() * coefficients.size());
  visit_tiles(design, row_cost, 0, how, [&] {
    return [&, eta = AlignedBuffer(padded_to_8(design.tile_rows()))](
               RowRange rows, DesignTile& tile, LaneTotals&) mutable {
      for (std::size_t t = 0; t < own.size(); ++t) {
        eta.fill(0.0);
        design.add_linear_predictor(tile, own[t].data(), eta.data());
        std::copy_n(eta.data(), rows.count, out + rows.begin + t * design.rows());
      }
    };
  });
}

void expand_design(const Design& design, const double* factors, const Sweep& how, double* out) {
  const std::size_t p = design.coefficient_count(), n = design.rows(), length = design.tile_rows();
  visit_tiles(design, static_cast<double>(p), 0, how, [&] {
    return [&, expanded = std::vector<double>(length * p)](RowRange rows, DesignTile& tile,
                                                           LaneTotals&) mutable {
      design.expand(tile, expanded.data(), length);
      for (std::size_t j = 0; j < p; ++j) {
        const double* column = expanded.data() + j * length;
        double* to = out + rows.begin + j * n;
        if (factors)
          for (std::size_t i = 0; i < rows.count; ++i) to[i] = factors[rows.begin + i] * column[i];
        else
          std::copy_n(column, rows.count, to);
      }
    };
  });
}

namespace {

// visit(rows, lane) over lanes of vectors that are there.
template <class Visit>
void each_lane(std::size_t count, const Sweep& how, Visit visit) {
  const LanePlan plan(count, 50.0, 0);
  run_lanes(
      plan.count(), how.threads, [&](std::size_t i, std::size_t) { visit(plan.lane(i), i); },
      how.poll);
}

std::size_t lanes_of(std::size_t count) { return LanePlan(count, 50.0, 0).count(); }

}  // namespace

ValueRange value_range(const double* values, std::size_t count, const Sweep& how) {
  std::vector<ValueRange> ranges(lanes_of(count));
  each_lane(count, how, [&](RowRange lane, std::size_t i) {
    ValueRange range{values[lane.begin], values[lane.begin]};
    for (std::size_t k = lane.begin; k < lane.begin + lane.count; ++k) {
      range.least = std::min(range.least, values[k]);
      range.most = std::max(range.most, values[k]);
    }
    ranges[i] = range;
  });
  ValueRange total = ranges.front();
  for (const ValueRange& range : ranges)
    total = {std::min(total.least, range.least), std::max(total.most, range.most)};
  return total;
}

PearsonSum pearson_sum(const double* weights, const double* residuals, std::size_t count,
                       const Sweep& how) {
  std::vector<PearsonSum> sums(lanes_of(count));
  each_lane(count, how, [&](RowRange lane, std::size_t i) {
    PearsonSum sum;
    for (std::size_t k = lane.begin; k < lane.begin + lane.count; ++k) {
      if (weights[k] > 0.0) sum.total += weights[k] * residuals[k] * residuals[k];
      sum.unused_rows += weights[k] == 0.0;
    }
    sums[i] = sum;
  });
  PearsonSum total;
  for (const PearsonSum& sum : sums)
    total = {total.total + sum.total, total.unused_rows + sum.unused_rows};
  return total;
}

void signed_roots(const double* deviances, const double* y, const double* mean, std::size_t count,
                  const Sweep& how, double* out) {
  each_lane(count, how, [&](RowRange lane, std::size_t) {
    for (std::size_t k = lane.begin; k < lane.begin + lane.count; ++k) {
      const double root = deviances[k] < 0.0 ? 0.0 : std::sqrt(deviances[k]);
      out[k] = y[k] > mean[k] ? root : -root;
    }
  });
}

void pearson_residuals(const double* y, const double* mean, const double* weights,
                       const double* variances, std::size_t count, const Sweep& how, double* out) {
  each_lane(count, how, [&](RowRange lane, std::size_t) {
    const std::size_t k = lane.begin;
    standardize(y + k, mean + k, weights + k, variances + k, lane.count, out + k);
  });
}

}  // namespace glmpp
