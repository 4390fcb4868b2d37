#include "dense_block.h"

#include <algorithm>

#include "linalg/gram.h"

namespace glmpp {

DenseBlock::DenseBlock(std::vector<ColumnProduct> columns, std::vector<std::size_t> position)
    : Block(CoefficientMap::identity(std::move(position))), columns_(std::move(columns)) {}

std::size_t DenseBlock::column_of_ones() const {
  const auto is_constant = [](const ColumnProduct& product) {
    return product.size() == 1 && product.front().is_constant();
  };
  return static_cast<std::size_t>(std::find_if(columns_.begin(), columns_.end(), is_constant) -
                                  columns_.begin());
}

void DenseBlock::prepare(std::size_t most_rows, BlockTile& tile) const {
  tile.values.resize(tile_leading_dimension(most_rows) * width());
  tile.column.resize(width());
}

// Few columns are read in place, but for rows that do not fill a register. Of more the information is so much of the work that aligned
// columns save what copying them costs (fits by in place to fits by copies: 0.90 with 10 and 20 columns, 1.01 with 50).
bool DenseBlock::is_read_in_place(std::size_t j, std::size_t rows) const {
  constexpr std::size_t few = 32, whole = 8;
  return width() <= few && rows % whole == 0 && columns_[j].size() == 1 &&
         columns_[j].front().doubles();
}

void DenseBlock::load(RowRange rows, BlockTile& tile) const {
  tile.rows = rows.count;
  tile.leading_dimension = tile_leading_dimension(rows.count);
  for (std::size_t j = 0; j < width(); ++j) {
    columns_[j].front().prefetch({rows.begin + rows.count, rows.count});
    if (is_read_in_place(j, rows.count)) {
      tile.column[j] = columns_[j].front().doubles() + rows.begin;
      continue;
    }
    double* column = tile.values.data() + j * tile.leading_dimension;
    tile.column[j] = column;
    read_product(columns_[j], rows, column);
    std::fill(column + rows.count, column + tile.leading_dimension, 0.0);
  }
}

void DenseBlock::add_linear_predictor(const BlockTile& tile, const double* own, double* eta) const {
  add_matrix_vector(tile.column.data(), tile.rows, width(), own, eta);
}

void DenseBlock::add_score(const BlockTile& tile, const double* residual, double* own_score) const {
  add_weighted_cross(tile.column.data(), tile.rows, width(), residual, tile.leading_dimension, 1,
                     own_score, width());
}

void DenseBlock::expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const {
  for (std::size_t j = 0; j < width(); ++j)
    std::copy_n(tile.column[j], tile.rows, out + map().position(j) * leading_dimension);
}

void DenseBlock::visit_row(const BlockTile& tile, std::size_t row,
                           const VisitElement& visit) const {
  for (std::size_t k = 0; k < width(); ++k) visit(map().position(k), tile.column[k][row]);
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
    const double* x = tile.column[j];
    for (std::size_t i = 0; i < tile.rows; ++i) own_squares[j] += weights[i] * x[i] * x[i];
  }
}

}  // namespace glmpp
