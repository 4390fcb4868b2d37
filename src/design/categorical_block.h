#ifndef GLMPP_DESIGN_CATEGORICAL_BLOCK_H
#define GLMPP_DESIGN_CATEGORICAL_BLOCK_H

#include <vector>

#include "block.h"
#include "column.h"

namespace glmpp {

/// A factor as R stores it: integer codes that start at `first`.
struct FactorCodes {
  const int* codes = nullptr;
  int first = 1;
  int levels = 0;

  bool operator==(const FactorCodes& other) const { return codes == other.codes; }
};

/// A factor, or an interaction of factors (a cell is a combination of levels, first factor fastest),
/// times a numeric multiplier. Never expanded to dummy columns: sums are kept by cell.
class CategoricalBlock : public Block {
 public:
  CategoricalBlock(std::vector<FactorCodes> factors, ColumnProduct multiplier, CoefficientMap map);

  bool has_multiplier() const { return !multiplier_.empty(); }
  bool has_same_cells(const CategoricalBlock& other) const { return factors_ == other.factors_; }

  double row_cost() const override { return 150.0; }
  void prepare(std::size_t most_rows, BlockTile& tile) const override;
  void load(RowRange rows, BlockTile& tile) const override;
  void add_linear_predictor(const BlockTile& tile, const double* own, double* eta) const override;
  void add_score(const BlockTile& tile, const double* residual, double* own_score) const override;
  void add_squares(const BlockTile& tile, const double* weights,
                   double* own_squares) const override;
  void expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const override;
  void visit_row(const BlockTile& tile, std::size_t row, const VisitElement& visit) const override;
  std::unique_ptr<Block> restricted(const std::vector<std::size_t>& place) const override;

 private:
  std::vector<FactorCodes> factors_;
  ColumnProduct multiplier_;
};

}  // namespace glmpp

#endif
