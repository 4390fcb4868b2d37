#ifndef GLMPP_PARALLEL_TILES_H
#define GLMPP_PARALLEL_TILES_H

#include <algorithm>
#include <cstddef>

#include "row_range.h"

namespace glmpp {

/// Rows cut into tiles of `length` rows, the last one shorter, to walk by `for (RowRange tile : Tiles(...))`. With a
/// `stride`, only every stride-th tile is there.
class Tiles {
 public:
  class Iterator {
   public:
    Iterator(const Tiles& tiles, std::size_t index) : tiles_(tiles), index_(index) {}
    RowRange operator*() const { return tiles_[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Tiles& tiles_;
    std::size_t index_;
  };

  Tiles(RowRange rows, std::size_t length, std::size_t stride = 1)
      : rows_(rows), length_(length), step_(length * stride) {}

  std::size_t count() const { return (rows_.count + step_ - 1) / step_; }
  RowRange operator[](std::size_t index) const {
    const std::size_t done = index * step_;
    return {rows_.begin + done, std::min(length_, rows_.count - done)};
  }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, count()}; }

 private:
  RowRange rows_;
  std::size_t length_;
  std::size_t step_;
};

}  // namespace glmpp

#endif
