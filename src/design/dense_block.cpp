#include "dense_block.h"

#include <algorithm>

#include "linalg/gram.h"

namespace glmpp {

DenseBlock::DenseBlock(std::vector<ColumnProduct> columns, std::vector<std::size_t> position)
    : Block(CoefficientMap::identity(std::move(position))), columns_(std::move(columns)) {}

void DenseBlock::prepare(std::size_t most_rows, BlockTile& tile) const {
  tile.values.resize(tile_leading_dimension(most_rows) * width());
}

void DenseBlock::load(RowRange rows, BlockTile& tile) const {
  tile.rows = rows.count;
  tile.leading_dimension = tile_leading_dimension(rows.count);
  for (std::size_t j = 0; j < width(); ++j) {
    double* column = tile.values.data() + j * tile.leading_dimension;
    read_product(columns_[j], rows, column);
    columns_[j].front().prefetch({rows.begin + rows.count, rows.count});
    std::fill(column + rows.count, column + tile.leading_dimension, 0.0);
  }
}

void DenseBlock::add_linear_predictor(const BlockTile& tile, const double* own, double* eta) const {
  add_matrix_vector(tile.values.data(), tile.leading_dimension, tile.rows, width(), own, eta);
}

void DenseBlock::add_score(const BlockTile& tile, const double* residual, double* own_score) const {
  add_weighted_cross(tile.values.data(), tile.leading_dimension, tile.rows, width(), residual,
                     tile.leading_dimension, 1, own_score, width());
}

void DenseBlock::expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const {
  for (std::size_t j = 0; j < width(); ++j)
    std::copy_n(tile.values.data() + j * tile.leading_dimension, tile.rows,
                out + map().position(j) * leading_dimension);
}

void DenseBlock::visit_row(const BlockTile& tile, std::size_t row,
                           const VisitElement& visit) const {
  for (std::size_t k = 0; k < width(); ++k)
    visit(map().position(k), tile.values[row + k * tile.leading_dimension]);
}

std::unique_ptr<Block> DenseBlock::restricted(const std::vector<std::size_t>& place) const {
  std::vector<ColumnProduct> columns;
  std::vector<std::size_t> position;
  for (std::size_t k : map().kept(place)) {
    columns.push_back(columns_[k]);
    position.push_back(place[map().position(k)]);
  }
  if (columns.empty()) return nullptr;
  return std::make_unique<DenseBlock>(std::move(columns), std::move(position));
}

ColumnView DenseBlock::view(std::size_t k, std::size_t rows) const {
  if (columns_[k].size() > 1) return {};
  const Column& column = columns_[k].front();
  if (column.is_constant()) return ColumnView::constant(rows);
  return column.doubles() ? ColumnView::dense(rows, column.doubles()) : ColumnView();
}

void DenseBlock::add_squares(const BlockTile& tile, const double* weights,
                             double* own_squares) const {
  for (std::size_t j = 0; j < width(); ++j) {
    const double* x = tile.values.data() + j * tile.leading_dimension;
    for (std::size_t i = 0; i < tile.rows; ++i) own_squares[j] += weights[i] * x[i] * x[i];
  }
}

}  // namespace glmpp
