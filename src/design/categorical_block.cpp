#include "categorical_block.h"

#include <utility>

namespace glmpp {

CategoricalBlock::CategoricalBlock(std::vector<FactorCodes> factors, ColumnProduct multiplier,
                                   CoefficientMap map)
    : Block(std::move(map)), factors_(std::move(factors)), multiplier_(std::move(multiplier)) {}

void CategoricalBlock::prepare(std::size_t most_rows, BlockTile& tile) const {
  tile.cell.resize(most_rows);
  tile.has_multiplier = !multiplier_.empty();
  if (tile.has_multiplier) tile.multiplier.resize(padded_to_8(most_rows));
}

void CategoricalBlock::load(RowRange rows, BlockTile& tile) const {
  tile.rows = rows.count;
  tile.first_row = rows.begin;
  int stride = 1;
  for (const FactorCodes& factor : factors_) {
    const int* codes = factor.codes + rows.begin;
    if (stride == 1)
      for (std::size_t i = 0; i < rows.count; ++i) tile.cell[i] = codes[i] - factor.first;
    else
      for (std::size_t i = 0; i < rows.count; ++i)
        tile.cell[i] += stride * (codes[i] - factor.first);
    stride *= factor.levels;
  }
  if (tile.has_multiplier) read_product(multiplier_, rows, tile.multiplier.data());
}

void CategoricalBlock::add_linear_predictor(const BlockTile& tile, const double* own,
                                            double* eta) const {
  if (tile.has_multiplier)
    for (std::size_t i = 0; i < tile.rows; ++i) eta[i] += tile.multiplier[i] * own[tile.cell[i]];
  else
    for (std::size_t i = 0; i < tile.rows; ++i) eta[i] += own[tile.cell[i]];
}

void CategoricalBlock::add_score(const BlockTile& tile, const double* residual,
                                 double* own_score) const {
  if (tile.has_multiplier)
    for (std::size_t i = 0; i < tile.rows; ++i)
      own_score[tile.cell[i]] += tile.multiplier[i] * residual[i];
  else
    for (std::size_t i = 0; i < tile.rows; ++i) own_score[tile.cell[i]] += residual[i];
}

void CategoricalBlock::expand(const BlockTile& tile, double* out,
                              std::size_t leading_dimension) const {
  for (std::size_t i = 0; i < tile.rows; ++i)
    map().add_row(static_cast<std::size_t>(tile.cell[i]),
                  tile.has_multiplier ? tile.multiplier[i] : 1.0, out + i, leading_dimension);
}

void CategoricalBlock::visit_row(const BlockTile& tile, std::size_t row,
                                 const VisitElement& visit) const {
  const double x = tile.has_multiplier ? tile.multiplier[row] : 1.0;
  map().visit_row(static_cast<std::size_t>(tile.cell[row]),
                  [&](std::size_t k, double value) { visit(map().position(k), x * value); });
}

std::unique_ptr<Block> CategoricalBlock::restricted(const std::vector<std::size_t>& place) const {
  CoefficientMap kept = map().restricted(place);
  if (kept.coefficient_count() == 0) return nullptr;
  return std::make_unique<CategoricalBlock>(factors_, multiplier_, std::move(kept));
}

void CategoricalBlock::add_squares(const BlockTile& tile, const double* weights,
                                   double* own_squares) const {
  for (std::size_t i = 0; i < tile.rows; ++i) {
    const double x = tile.has_multiplier ? tile.multiplier[i] : 1.0;
    own_squares[tile.cell[i]] += weights[i] * x * x;
  }
}

}  // namespace glmpp
