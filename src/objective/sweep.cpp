#include "sweep.h"

#include <algorithm>
#include <utility>

#include "linalg/triangular_update.h"
#include "parallel/huge_pages.h"
#include "parallel/lane_plan.h"
#include "parallel/lanes.h"
#include "parallel/tiles.h"

namespace glmpp {

void LaneTotals::reset(const TotalsShape& shape) {
  deviance = 0.0;
  valid = true;
  numbers = {};
  if (values.capacity() < shape.values) {
    values = {};
    values.reserve(shape.values);
    advise_huge_pages(values.data(), shape.values * sizeof(double));
  }
  values.assign(shape.values, 0.0);
  compensated.assign(shape.compensated, {});
  if (shape.root > 0) root.resize_zero(shape.root, shape.root);
}

void LaneTotals::add_rest(LaneTotals&& other) {
  deviance += other.deviance;
  valid &= other.valid;
  for (std::size_t k = 0; k < compensated.size(); ++k) {
    compensated[k].add(other.compensated[k]);
  }
  if (!root.empty()) absorb_root(root, other.root);
  merge_numbers(other.numbers, numbers);
}

namespace {

// Piece by piece, each over all lanes in their order.
void add_values(std::vector<LaneTotals>& lanes, unsigned threads) {
  constexpr std::size_t piece = 1 << 16;  // that outweighs starting a thread
  std::vector<double>& total = lanes.front().values;
  run_lanes((total.size() + piece - 1) / piece, threads,
            [&](std::size_t i, std::size_t) {
              const std::size_t begin = i * piece, end = std::min(begin + piece, total.size());
              for (std::size_t lane = 1; lane < lanes.size(); ++lane)
                for (std::size_t k = begin; k < end; ++k) total[k] += lanes[lane].values[k];
            },
            nullptr);
}

}  // namespace

struct Sweeper::Bench {
  DesignTile tile;
  std::unique_ptr<TileWorker> worker;
};

Sweeper::Sweeper(const Design& design, Sweep how, MakeWorker make_worker)
    : design_(design),
      how_(std::move(how)),
      make_worker_(std::move(make_worker)),
      benches_(std::max(how_.threads, 1u)) {}

Sweeper::~Sweeper() = default;

LaneTotals& Sweeper::run(double row_cost, const TotalsShape& shape) {
  if (how_.poll) how_.poll();
  const LanePlan plan(design_.rows(), row_cost / static_cast<double>(how_.stride), shape.values,
                      shape.root);
  lanes_.resize(plan.count());
  run_lanes(
      plan.count(), how_.threads,
      [&](std::size_t i, std::size_t thread) {
        if (!benches_[thread])
          benches_[thread] = std::make_unique<Bench>(Bench{design_.make_tile(), make_worker_()});
        lanes_[i].reset(shape);
        sweep_lane(plan.lane(i), *benches_[thread], lanes_[i]);
      },
      how_.poll);
  add_values(lanes_, how_.threads);
  for (std::size_t i = 1; i < lanes_.size(); ++i) lanes_.front().add_rest(std::move(lanes_[i]));
  // What follows a pass of many columns, a factor, needs as much again.
  constexpr std::size_t most_kept = 1 << 19;
  if (lanes_.size() > 2 && shape.values + shape.root * shape.root > most_kept) lanes_.resize(1);
  return lanes_.front();
}

void Sweeper::sweep_lane(RowRange lane, Bench& bench, LaneTotals& totals) const {
  for (RowRange rows : Tiles(lane, design_.tile_rows(), how_.stride)) {
    design_.load(rows, bench.tile);
    bench.worker->add(rows, bench.tile, totals);
  }
}

}  // namespace glmpp
