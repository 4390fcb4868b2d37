#include "dense_block.h"

#include <Eigen/Core>
#include <algorithm>

namespace glmpp {

namespace {

using Eigen::Index;
using TileMap = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;

TileMap tile_values(const BlockTile& tile, std::size_t width) {
  return TileMap(tile.values.data(), static_cast<Index>(tile.rows), static_cast<Index>(width),
                 Eigen::OuterStride<>(static_cast<Index>(tile.leading_dimension)));
}

}  // namespace

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
    std::fill(column + rows.count, column + tile.leading_dimension, 0.0);
  }
}

void DenseBlock::add_linear_predictor(const BlockTile& tile, const double* own,
                                      double* eta) const {
  const Index n = static_cast<Index>(tile.rows), p = static_cast<Index>(width());
  Eigen::Map<Eigen::VectorXd>(eta, n).noalias() +=
      tile_values(tile, width()) * Eigen::Map<const Eigen::VectorXd>(own, p);
}

void DenseBlock::add_score(const BlockTile& tile, const double* residual,
                           double* own_score) const {
  const Index n = static_cast<Index>(tile.rows), p = static_cast<Index>(width());
  Eigen::Map<Eigen::VectorXd>(own_score, p).noalias() +=
      tile_values(tile, width()).transpose() * Eigen::Map<const Eigen::VectorXd>(residual, n);
}

void DenseBlock::expand(const BlockTile& tile, double* out, std::size_t leading_dimension) const {
  for (std::size_t j = 0; j < width(); ++j)
    std::copy_n(tile.values.data() + j * tile.leading_dimension, tile.rows,
                out + map().position(j) * leading_dimension);
}

}  // namespace glmpp
