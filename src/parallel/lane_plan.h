#ifndef GLMPP_PARALLEL_LANE_PLAN_H
#define GLMPP_PARALLEL_LANE_PLAN_H

#include <algorithm>
#include <cstddef>

#include "row_range.h"

namespace glmpp {

/// How rows are cut into lanes. It depends on the problem only, never on the number of threads:
/// that is what makes results the same bits for any number of them.
class LanePlan {
 public:
  /// `row_cost`: floating-point operations per row; `sums_size`: doubles that each lane adds up; `root_size`: columns of a triangular root
  /// that it makes beside them.
  LanePlan(std::size_t rows, double row_cost, std::size_t sums_size, std::size_t root_size = 0)
      : rows_(rows) {
    constexpr double smallest_lane = 8e6;   // operations that outweigh starting a thread
    constexpr std::size_t most_lanes = 32;  // balances eight threads and more
    // For the sums of all lanes: 32 MB, or four times those of one up to 256 MB.
    constexpr double many_doubles = 1 << 22, most_doubles = 1 << 25;
    // Of one sum: clearing it, adding it up; where sums leave the caches, from memory.
    constexpr std::size_t cached = 1 << 17;
    const double adding_cost = sums_size < cached ? 40.0 : 160.0;
    const double cost = static_cast<double>(rows) * std::max(row_cost, 1.0);
    const double sums = static_cast<double>(sums_size) + 1.0, root = static_cast<double>(root_size);
    constexpr double root_cost = 3.0;  // of root_size^3: two roots made one
    const double of_lane = sums + root * root;
    const double by_memory =
        std::max(many_doubles / of_lane, std::min(4.0, most_doubles / of_lane));
    const double by_sums = std::max(
        2.0, std::min(by_memory, cost / (adding_cost * sums + root_cost * root * root * root)));
    const double wanted = std::min({cost / smallest_lane, 1.0 * most_lanes, by_sums});
    count_ = std::max<std::size_t>(1, static_cast<std::size_t>(wanted));
  }

  std::size_t count() const { return count_; }

  RowRange lane(std::size_t index) const {
    const std::size_t begin = boundary(index);
    return {begin, boundary(index + 1) - begin};
  }

 private:
  std::size_t boundary(std::size_t index) const {
    return index == count_ ? rows_ : rows_ / count_ * index + std::min(index, rows_ % count_);
  }

  std::size_t rows_;
  std::size_t count_;
};

}  // namespace glmpp

#endif
