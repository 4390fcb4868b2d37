# Which fits are to the same rows: by their names where those can tell, else by response and weights.

pair <- function(a, b) anova(glmpp(breaks ~ wool, poisson, a), glmpp(breaks ~ wool + tension, poisson, b), test = "Chisq")
expected_pair <- function(a) anova(glm(breaks ~ wool, poisson, a), glm(breaks ~ wool + tension, poisson, a), test = "Chisq")

test_that("copies of the rows under other names are the same rows", {
  some <- subset(warpbreaks, breaks > 15)
  renumbered <- data.frame(some, row.names = NULL)
  named <- data.frame(some, row.names = paste("loom", seq_len(nrow(some))))
  for (copy in list(renumbered, named, if (requireNamespace("tibble", quietly = TRUE)) tibble::as_tibble(some))) {
    if (!is.null(copy)) expect_equal(pair(some, copy), expected_pair(some), tolerance = 1e-6, ignore_attr = TRUE)
  }
  expect_equal(pair(some, some[rev(seq_len(nrow(some))), ]), expected_pair(some), tolerance = 1e-6, ignore_attr = TRUE)
})

test_that("other rows, another order without names and other weights are not", {
  some <- subset(warpbreaks, breaks > 15)
  expect_error(pair(some, data.frame(some[rev(seq_len(nrow(some))), ], row.names = NULL)), "responses or weights differ", class = "glmpp_error_rows")
  expect_error(pair(warpbreaks[1:50, ], warpbreaks[5:54, ]), class = "glmpp_error_rows")
  copy <- data.frame(some, row.names = NULL)
  expect_error(anova(glmpp(breaks ~ 1, poisson, some), glmpp(breaks ~ wool, poisson, copy, weights = breaks)), class = "glmpp_error_rows")
})

test_that("rows that missing values took tell by their names, though the responses are equal", {
  a <- b <- data.frame(y = rep(0:1, each = 5), x = c(1, 4, 2, 5, 3, 4, 6, 2, 5, 7), z = c(1, 2, 1, 2, 1, 2, 1, 1, 2, 2))
  a$x[2] <- NA
  b$z[3] <- NA
  expect_identical(a$y[-2], b$y[-3])
  expect_error(anova(glmpp(y ~ x, binomial, a), glmpp(y ~ x + z, binomial, b)), class = "glmpp_error_rows")
})
