#ifndef GLMPP_LINALG_CELL_LANES_H
#define GLMPP_LINALG_CELL_LANES_H

#include <algorithm>
#include <cstddef>

#include "information.h"

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

 private:
  std::size_t cells_, count_;
};

}  // namespace glmpp

#endif
