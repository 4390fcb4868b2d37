rows <- remote_rows(600)

test_that("robust covariances of a fit to a data frame are those of the definition", {
  expect_direct_sandwich(rows, function(formula, family, data) do.call(glmpp, list(formula, family, data)))
})

test_that("robust covariances of a fit to chunks are those of the definition", {
  expect_direct_sandwich(rows, function(formula, family, data) glmpp(formula, family, chunks_of(data, 83)))
})

test_that("rows without weight have no part in a robust covariance", {
  complete <- rows[stats::complete.cases(rows), ]
  for (type in c("HC0", "HC1")) {
    weighted <- glmpp(count ~ x + size, poisson, complete, weights = w)
    alone <- glmpp(count ~ x + size, poisson, complete[complete$w > 0, ], weights = w)
    expect_equal(vcov(weighted, type = type, cluster = ~id), vcov(alone, type = type, cluster = ~id), tolerance = 1e-10)
  }
})

test_that("a robust covariance is the same bits for any number of threads", {
  many <- rows[rep(seq_len(nrow(rows)), 200), ]
  covariances <- lapply(c(1, 2, 3, 7), function(threads) {
    fit <- glmpp(count ~ x * size + text, poisson, many, threads = threads)
    list(vcov(fit, type = "HC0"), vcov(fit, type = "HC1", cluster = ~id))
  })
  for (other in covariances[-1]) expect_identical(other, covariances[[1]])
})
