#ifndef GLMPP_LINALG_CELL_LANES_H
#define GLMPP_LINALG_CELL_LANES_H

#include <algorithm>
#include <cstddef>
#include <vector>

#include "information.h"
#include "parallel/lanes.h"

namespace glmpp {

/// The cells of a shape in lanes, whose number depends on the shape alone.
class CellLanes {
 public:
  explicit CellLanes(const BorderedShape& shape) : cells_(shape.cells()) {
    constexpr std::size_t entries_of_lane = 1 << 17;  // that outweigh starting a thread
    const std::size_t entries = shape.column.size() + shape.block_start.back();
    count_ = std::max<std::size_t>(1, std::min(cells_, entries / entries_of_lane));
  }

  std::size_t count() const { return count_; }
  std::size_t begin(std::size_t lane) const {
    return cells_ / count_ * lane + std::min(lane, cells_ % count_);
  }
  std::size_t end(std::size_t lane) const { return begin(lane + 1); }

  /// visit(c, lane) for each cell.
  template <class Visit>
  void each_cell(unsigned threads, Visit visit) const {
    run_lanes(
        count_, threads,
        [&](std::size_t lane, std::size_t) {
          for (std::size_t c = begin(lane); c < end(lane); ++c) visit(c, lane);
        },
        nullptr);
  }
  /// visit(c, sums) for each cell, with the sums of its lane; these are added to `total` in the order of the lanes.
  template <class Visit>
  void add_up(unsigned threads, std::vector<double>& total, Visit visit) const {
    std::vector<std::vector<double>> sums(count_, std::vector<double>(total.size()));
    each_cell(threads, [&](std::size_t c, std::size_t lane) { visit(c, sums[lane].data()); });
    for (const auto& own : sums)
      for (std::size_t k = 0; k < total.size(); ++k) total[k] += own[k];
  }

 private:
  std::size_t cells_, count_;
};

}  // namespace glmpp

#endif
