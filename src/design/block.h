#ifndef GLMPP_DESIGN_BLOCK_H
#define GLMPP_DESIGN_BLOCK_H

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "coefficient_map.h"
#include "column_view.h"
#include "linalg/aligned_buffer.h"
#include "parallel/row_range.h"

namespace glmpp {

/// One block's view of a range of rows: dense values, or factor cells with a multiplier.
struct BlockTile {
  std::size_t rows = 0;
  std::size_t first_row = 0;  ///< of the data, for blocks that read them in place
  std::size_t leading_dimension = 0;
  AlignedBuffer values;  ///< column-major; rows up to the leading dimension are zero
  /// Where each dense column starts: in `values`, or in the data, where these may be read as they are.
  std::vector<const double*> column;
  std::vector<int> cell;     ///< cell of each row, from 0
  AlignedBuffer multiplier;  ///< of each row; meaningless unless has_multiplier
  bool has_multiplier = false;
};

/// Some columns of the design that are stored one way. A block works on its own columns (dense
/// columns, factor cells); its map takes sums over these to coefficients, once per pass.
/// Const functions may be called from several threads, each with its own tile.
class Block {
 public:
  explicit Block(CoefficientMap map) : map_(std::move(map)) {}
  virtual ~Block() = default;

  const CoefficientMap& map() const { return map_; }
  std::size_t width() const { return map_.width(); }
  /// Doubles per row that a loaded tile holds.
  virtual std::size_t tile_width() const { return 0; }
  /// Loading, predictor and score of a row, in the time of as many operations of the Gram kernel.
  virtual double row_cost() const = 0;

  /// Makes room in `tile` for up to `most_rows` rows.
  virtual void prepare(std::size_t most_rows, BlockTile& tile) const = 0;
  virtual void load(RowRange rows, BlockTile& tile) const = 0;
  /// eta += X own. Here and below, vectors of rows have room up to a multiple of 8.
  virtual void add_linear_predictor(const BlockTile& tile, const double* own,
                                    double* eta) const = 0;
  /// own_score += X'r; the residual is padded with zeros to a multiple of 8.
  virtual void add_score(const BlockTile& tile, const double* residual,
                         double* own_score) const = 0;
  /// own_squares += the squares of each own column, weighted.
  virtual void add_squares(const BlockTile& tile, const double* weights,
                           double* own_squares) const = 0;
  /// Writes the rows of the tile as columns of the model: out(i, position) += x.
  virtual void expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const = 0;
  /// visit(coefficient, x) over the elements of a row of the tile that may not be zero.
  using VisitElement = std::function<void(std::size_t coefficient, double x)>;
  virtual void visit_row(const BlockTile& tile, std::size_t row,
                         const VisitElement& visit) const = 0;
  /// The same rows with some coefficients alone; `place`, for each coefficient of the model, where it goes, or `left_out`.
  /// Null where none is left.
  virtual std::unique_ptr<Block> restricted(const std::vector<std::size_t>& place) const = 0;
  /// The column of the map's k-th coefficient, of so many rows; none where it is not stored as it is.
  virtual ColumnView view(std::size_t, std::size_t) const { return {}; }

 private:
  CoefficientMap map_;
};

}  // namespace glmpp

#endif
