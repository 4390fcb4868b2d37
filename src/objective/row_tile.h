#ifndef GLMPP_OBJECTIVE_ROW_TILE_H
#define GLMPP_OBJECTIVE_ROW_TILE_H

#include <vector>

#include "design/design.h"
#include "parallel/tiles.h"

namespace glmpp {

/// A tile as rows of the whole design, one after the other, whatever its blocks.
class RowTile {
 public:
  explicit RowTile(const Design& design)
      : design_(design),
        tile_(design.make_tile()),
        columns_(design.tile_rows() * design.coefficient_count()),
        rows_(columns_.size()) {}

  std::size_t count() const { return tiles().count(); }
  RowRange load(std::size_t tile) {
    const std::size_t length = design_.tile_rows(), p = design_.coefficient_count();
    const RowRange range = tiles()[tile];
    design_.load(range, tile_);
    design_.expand(tile_, columns_.data(), length);
    for (std::size_t i = 0; i < range.count; ++i)
      for (std::size_t j = 0; j < p; ++j) rows_[i * p + j] = columns_[i + j * length];
    return range;
  }
  const double* row(std::size_t i) const { return rows_.data() + i * design_.coefficient_count(); }

 private:
  Tiles tiles() const { return Tiles({0, design_.rows()}, design_.tile_rows()); }

  const Design& design_;
  DesignTile tile_;
  std::vector<double> columns_;  ///< column-major
  std::vector<double> rows_;
};

}  // namespace glmpp

#endif
