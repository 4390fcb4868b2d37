#ifndef GLMPP_LINALG_SPARSE_PATTERN_H
#define GLMPP_LINALG_SPARSE_PATTERN_H

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace glmpp {

struct BorderedShape;

/// Where the elements of a sparse Schur complement are, and those of its Cholesky root in an order that keeps it sparse (approximate
/// minimum degree: Amestoy, Davis and Duff 1996, SIAM Journal on Matrix Analysis and Applications 17).
struct SparsePattern {
  using Element = std::pair<int, int>;

  /// Of the corner, its upper triangle by columns: places in the border, ascending, each column's own last.
  std::vector<std::size_t> corner_start;
  std::vector<int> corner_row;
  /// The border in the order of elimination, and where in it each of the border is.
  std::vector<int> order, place;
  /// Of the root, by columns: places in that order, ascending, each column's own first.
  std::vector<std::size_t> start;
  std::vector<int> row;
  /// From this column on they are full: the kernels for dense matrices take them.
  std::size_t full_from = 0;

  /// Finds `full_from`.
  void finish();
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  /// Where element (i, j) of the corner is among its elements, or nowhere.
  std::size_t corner_place(std::size_t i, std::size_t j) const;
  /// Where that in this row and column of the root is. It must be there, which a pattern from outside may not have.
  std::size_t root_place(int row, int column) const;

  /// The products that a factor takes, in the time of one that gathers.
  double products() const;

  /// Of a shape, and the elements of its corner, an upper triangle in any order. Null where a dense one takes less work, unless
  /// `always`.
  static std::shared_ptr<const SparsePattern> find(const BorderedShape& shape,
                                                   std::vector<Element> corner, bool always);
};

}  // namespace glmpp

#endif
