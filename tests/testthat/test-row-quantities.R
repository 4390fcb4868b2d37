# Products of a design with given vectors, against those of the model matrix.

core <- function(name) getFromNamespace(name, "glmpp")

# A design of blocks, and the model matrix it stands for.
blocks_of <- function(formula, data) {
  schema <- core("new_schema")(stats::model.frame(formula, data), NULL)
  list(blocks = core("design_blocks")(schema, stats::model.frame(formula, data)), x = unname(stats::model.matrix(formula, data)))
}

made <- local({
  set.seed(11)
  n <- 2e5 # several lanes
  data <- data.frame(a = rnorm(n), b = runif(n), k = sample(5L, n, TRUE), g = factor(sample(letters[1:7], n, TRUE)),
                     h = factor(sample(LETTERS[1:4], n, TRUE)), o = factor(sample(3, n, TRUE), ordered = TRUE))
  list(data = data, signed = rnorm(n), group = sample(40L, n, TRUE))
})

designs <- c(
  lapply(list(dense = ~ a + b + k, factors = ~ g + h, interaction = ~ g * a + o:b + h, `no intercept` = ~ 0 + g + a),
         blocks_of, made$data),
  if (requireNamespace("Matrix", quietly = TRUE)) {
    values <- Matrix::rsparsematrix(nrow(made$data), 30, 0.1)
    list(sparse = list(blocks = core("sparse_design")(values), x = unname(as.matrix(values))))
  }
)

expect_product <- function(entry, blocks, ..., expected) {
  products <- lapply(c(1L, 2L, 3L, 7L), function(threads) core(entry)(blocks, ..., threads))
  expect_equal(products[[1]], expected, tolerance = 1e-10)
  for (other in products[-1]) expect_identical(other, products[[1]])
}

for (name in names(designs)) local({
  blocks <- designs[[name]]$blocks
  x <- designs[[name]]$x
  attr(x, "assign") <- attr(x, "contrasts") <- NULL

  test_that(paste("products of a design with given vectors are the model matrix's:", name), {
    expect_product("cross_product_impl", blocks, made$signed, expected = drop(crossprod(x, made$signed)))
    expect_product("weighted_cross_product_impl", blocks, made$signed, expected = crossprod(x, made$signed * x))
    weights <- replace(abs(made$signed), c(2, 9), 0)
    residuals <- replace(sign(made$signed) + 0.5, 2, Inf)
    scores <- ifelse(weights == 0, 0, weights * residuals)
    expect_product("group_scores_impl", blocks, weights, residuals, made$group, 41L,
                   expected = rbind(unname(rowsum(x * scores, made$group)), matrix(0, 1, ncol(x))))
    expect_product("squared_scores_impl", blocks, weights, residuals, NULL, expected = crossprod(x, scores^2 * x))
    expect_product("linear_predictor_impl", blocks, seq_len(ncol(x)) / 10, expected = drop(x %*% (seq_len(ncol(x)) / 10)))
  })

  test_that(paste("quadratic forms are the model matrix's:", name), {
    root <- chol(crossprod(x))
    expect_product("quadratic_forms_impl", blocks, root, seq_len(ncol(x)),
                   expected = colSums(backsolve(root, t(x), transpose = TRUE)^2))
  })
})
