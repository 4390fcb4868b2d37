#include "lane_objective.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "linalg/triangular_update.h"
#include "parallel/lane_plan.h"
#include "parallel/lanes.h"

namespace glmpp {

struct LaneObjective::Worker {
  DesignTile tile;
  std::unique_ptr<TileWorker> model;
};

namespace {

void add_lane(LaneTotals& total, LaneTotals& lane) {
  total.deviance += lane.deviance;
  total.valid &= lane.valid;
  for (std::size_t k = 0; k < total.values.size(); ++k) total.values[k] += lane.values[k];
  if (!lane.root.empty())
    absorb_rows(total.root, lane.root.data(), lane.root.rows(), lane.root.rows());
}

}  // namespace

LaneObjective::LaneObjective(const Design& design, unsigned threads, std::function<void()> poll)
    : design_(design), threads_(threads), poll_(std::move(poll)), workers_(std::max(threads, 1u)) {}

LaneObjective::~LaneObjective() = default;

void LaneObjective::describe_rows(const Column& weights) {
  std::vector<double> values(design_.tile_rows());
  for (std::size_t begin = 0; begin < design_.rows(); begin += values.size()) {
    const RowRange rows{begin, std::min(values.size(), design_.rows() - begin)};
    weights.read(rows, values.data());
    for (std::size_t i = 0; i < rows.count; ++i) traits_.effective_rows += values[i] != 0.0;
  }
  traits_.information_share = 1.0 - row_cost(need_score) / row_cost(need_score | need_information);
}

void LaneObjective::evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) {
  need &= ~static_cast<unsigned>(need_exact_score);
  sums.filled = need;
  sums.valid = begin(coefficients);
  if (!sums.valid) return;
  const std::size_t p = coefficient_count();
  const std::size_t size = values_size(need) + (need & need_root ? p * p : 0);
  const LanePlan plan(design_.rows(), row_cost(need), size);
  std::vector<LaneTotals> lanes(plan.count());
  for (LaneTotals& lane : lanes) {
    lane.values.assign(values_size(need), 0.0);
    if (need & need_root) lane.root.resize_zero(p, p);
  }
  if (poll_) poll_();
  run_lanes(
      plan.count(), threads_,
      [&](std::size_t i, std::size_t worker) {
        if (!workers_[worker])
          workers_[worker] = std::make_unique<Worker>(Worker{design_.make_tile(), make_worker()});
        sweep_lane(plan.lane(i), need, *workers_[worker], lanes[i]);
      },
      poll_);
  for (std::size_t i = 1; i < lanes.size(); ++i) add_lane(lanes.front(), lanes[i]);

  LaneTotals& total = lanes.front();
  sums.deviance = total.deviance;
  if (need & need_root) sums.root = std::move(total.root);
  collect(total.values, need, sums);
  sums.valid = total.valid && std::isfinite(sums.deviance);
  if (need & need_score)
    for (double value : sums.score) sums.valid &= std::isfinite(value);
}

void LaneObjective::sweep_lane(RowRange lane, unsigned need, Worker& worker,
                               LaneTotals& totals) const {
  const std::size_t step = design_.tile_rows();
  for (std::size_t done = 0; done < lane.count; done += step) {
    const RowRange rows{lane.begin + done, std::min(step, lane.count - done)};
    design_.load(rows, worker.tile);
    worker.model->add(rows, worker.tile, need, totals);
  }
}

void LaneObjective::evaluate_start(unsigned need, Sums& sums) {
  evaluate(std::vector<double>(coefficient_count(), 0.0), need, sums);
}
}  // namespace glmpp
