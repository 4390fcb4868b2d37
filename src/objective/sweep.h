#ifndef GLMPP_OBJECTIVE_SWEEP_H
#define GLMPP_OBJECTIVE_SWEEP_H

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "design/design.h"
#include "linalg/compensated.h"
#include "linalg/matrix.h"
#include "parallel/row_range.h"
#include "sums.h"

namespace glmpp {

/// How a sweep over rows is carried out.
struct Sweep {
  unsigned threads = 1;
  std::function<void()> poll;  ///< runs on the calling thread now and then and may throw to stop
  std::size_t stride =
      1;  ///< only every stride-th tile of a lane is visited: a spread-out sample, always the same
};

/// How much a lane adds up: so many values, a root of so many columns, so many compensated sums.
struct TotalsShape {
  std::size_t values = 0;
  std::size_t root = 0;
  std::size_t compensated = 0;
};

/// What a lane adds up. `values` holds scores and tables one after the other, as the worker lays them out, so that lanes
/// are added without knowing what they hold.
struct LaneTotals {
  double deviance = 0.0;
  bool valid = true;
  std::vector<double> values;
  std::vector<Compensated> compensated;
  Matrix root;
  Sums numbers;  ///< of these, the fields that are numbers

  void reset(const TotalsShape& shape);
  /// All but the values. Uses up the other's root.
  void add_rest(LaneTotals&& other);
};

/// One thread's room, and what it does with the rows of a loaded tile.
class TileWorker {
 public:
  virtual ~TileWorker() = default;
  virtual void add(RowRange rows, DesignTile& tile, LaneTotals& totals) = 0;
};

/// The way over the rows of a design in memory: in lanes, tile by tile, by a worker for each thread, which is made when
/// it is first needed and kept from sweep to sweep. Totals are the same bits for any number of threads.
class Sweeper {
 public:
  using MakeWorker = std::function<std::unique_ptr<TileWorker>()>;

  Sweeper(const Design& design, Sweep how, MakeWorker make_worker);
  ~Sweeper();

  /// `row_cost`: operations per row, in the unit of LanePlan. The totals stay until the next run.
  LaneTotals& run(double row_cost, const TotalsShape& shape);

 private:
  struct Bench;
  void sweep_lane(RowRange lane, Bench& bench, LaneTotals& totals) const;

  const Design& design_;
  Sweep how_;
  MakeWorker make_worker_;
  std::vector<std::unique_ptr<Bench>> benches_;  ///< a tile and a worker for each thread
  std::vector<LaneTotals> lanes_;  ///< kept, unless large: new memory costs more than clearing it
};

}  // namespace glmpp

#endif
