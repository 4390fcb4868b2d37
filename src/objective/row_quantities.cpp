#include "row_quantities.h"

#include <Eigen/Core>
#include <algorithm>

#include "parallel/lane_plan.h"
#include "parallel/lanes.h"

namespace glmpp {

namespace {

template <class Visit>
void each_tile(const Design& design, double row_cost, const Sweep& sweep, Visit visit) {
  const LanePlan plan(design.rows(), row_cost, 0);
  run_lanes(
      plan.count(), sweep.threads,
      [&](std::size_t i, std::size_t) {
        const RowRange lane = plan.lane(i);
        DesignTile tile = design.make_tile();
        auto visit_tile = visit(tile);
        for (std::size_t done = 0; done < lane.count; done += design.tile_rows()) {
          const RowRange rows{lane.begin + done, std::min(design.tile_rows(), lane.count - done)};
          design.load(rows, tile);
          visit_tile(rows);
        }
      },
      sweep.poll);
}

}  // namespace

void add_linear_predictor(const Design& design, const std::vector<double>& coefficients,
                          const Sweep& sweep, double* out) {
  const std::vector<double> own = design.to_own(coefficients);
  each_tile(design, 2.0 * static_cast<double>(coefficients.size()), sweep, [&](DesignTile& tile) {
    AlignedBuffer eta(padded_to_8(design.tile_rows()));
    return [&design, &own, &tile, out, eta = std::move(eta)](RowRange rows) mutable {
      eta.fill(0.0);
      design.add_linear_predictor(tile, own.data(), eta.data());
      for (std::size_t i = 0; i < rows.count; ++i) out[rows.begin + i] += eta[i];
    };
  });
}

void quadratic_forms(const Design& design, const Matrix& root,
                     const std::vector<std::size_t>& active, const Sweep& sweep, double* out) {
  using Eigen::Index;
  const std::size_t rank = active.size(), length = design.tile_rows();
  const Eigen::Map<const Eigen::MatrixXd> factor(root.data(), static_cast<Index>(rank),
                                                 static_cast<Index>(rank));
  const double row_cost = static_cast<double>(rank * rank);
  each_tile(design, row_cost, sweep, [&](DesignTile& tile) {
    std::vector<double> expanded(length * design.coefficient_count());
    Eigen::MatrixXd rows_of_x;
    return [&design, &active, &factor, &tile, out, length, rank, expanded,
            rows_of_x](RowRange rows) mutable {
      const Index count = static_cast<Index>(rows.count);
      design.expand(tile, expanded.data(), length);
      rows_of_x.resize(count, static_cast<Index>(rank));
      for (std::size_t k = 0; k < rank; ++k)
        std::copy_n(expanded.data() + active[k] * length, rows.count,
                    rows_of_x.col(static_cast<Index>(k)).data());
      factor.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(rows_of_x);
      Eigen::Map<Eigen::VectorXd>(out + rows.begin, count) = rows_of_x.rowwise().squaredNorm();
    };
  });
}

void add_group_scores(const Design& design, const double* residual, const int* group,
                      std::size_t groups, double* out) {
  const std::size_t p = design.coefficient_count(), length = design.tile_rows();
  DesignTile tile = design.make_tile();
  std::vector<double> expanded(length * p);
  for (std::size_t begin = 0; begin < design.rows(); begin += length) {
    const RowRange rows{begin, std::min(length, design.rows() - begin)};
    design.load(rows, tile);
    design.expand(tile, expanded.data(), length);
    for (std::size_t j = 0; j < p; ++j)
      for (std::size_t i = 0; i < rows.count; ++i)
        out[group[begin + i] + j * groups] += expanded[i + j * length] * residual[begin + i];
  }
}

ValueRange value_range(const double* values, std::size_t count, const Sweep& sweep) {
  const LanePlan plan(count, 50.0, 0);
  std::vector<ValueRange> ranges(plan.count());
  run_lanes(
      plan.count(), sweep.threads,
      [&](std::size_t i, std::size_t) {
        const RowRange lane = plan.lane(i);
        ValueRange range{values[lane.begin], values[lane.begin]};
        for (std::size_t k = lane.begin; k < lane.begin + lane.count; ++k) {
          range.least = std::min(range.least, values[k]);
          range.most = std::max(range.most, values[k]);
        }
        ranges[i] = range;
      },
      sweep.poll);
  ValueRange total = ranges.front();
  for (const ValueRange& range : ranges)
    total = {std::min(total.least, range.least), std::max(total.most, range.most)};
  return total;
}

}  // namespace glmpp
