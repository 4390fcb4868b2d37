#ifndef GLMPP_DESIGN_DENSE_BLOCK_H
#define GLMPP_DESIGN_DENSE_BLOCK_H

#include <vector>

#include "block.h"
#include "column.h"

namespace glmpp {

/// Numeric columns, the intercept among them: a tile has them as they are, or copied.
class DenseBlock : public Block {
 public:
  DenseBlock(std::vector<ColumnProduct> columns, std::vector<std::size_t> position);

  std::size_t tile_width() const override { return width(); }
  double row_cost() const override { return 40.0 * static_cast<double>(width()); }
  void prepare(std::size_t most_rows, BlockTile& tile) const override;
  void load(RowRange rows, BlockTile& tile) const override;
  void add_linear_predictor(const BlockTile& tile, const double* own, double* eta) const override;
  void add_score(const BlockTile& tile, const double* residual, double* own_score) const override;
  void add_squares(const BlockTile& tile, const double* weights,
                   double* own_squares) const override;
  void expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const override;
  void visit_row(const BlockTile& tile, std::size_t row, const VisitElement& visit) const override;
  std::unique_ptr<Block> restricted(const std::vector<std::size_t>& place) const override;
  ColumnView view(std::size_t k, std::size_t rows) const override;

  /// The column that is 1 in every row; width() where there is none.
  std::size_t column_of_ones() const;

 private:
  bool is_read_in_place(std::size_t j, std::size_t rows) const;

  std::vector<ColumnProduct> columns_;
};

}  // namespace glmpp

#endif
