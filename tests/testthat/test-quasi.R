# Quasi-likelihoods of zeros: the estimating equation is solved, and the deviance is the family's own.

zero_rows <- function(rows, seed) {
  set.seed(seed)
  d <- data.frame(x = rnorm(rows), z = runif(rows), e = runif(rows, 0.5, 2), w = rep_len(1:3, rows))
  d$y <- rgamma(rows, 2, 2 / (d$e * exp(0.5 * d$x))) * rbinom(rows, 1, 0.8)
  d
}

test_that("variance mu^2 with zeros in the response is glm()'s fit, deviance included", {
  for (seed in 1:6) for (rows in c(20, 200)) for (link in c("log", "inverse")) {
    d <- zero_rows(rows, seed)
    family <- quasi(link = link, variance = "mu^2")
    label <- paste(seed, rows, link)
    theirs <- suppressWarnings(glm(y ~ x + z, family, d, epsilon = 1e-14, maxit = 300))
    if (!theirs$converged || min(theirs$fitted.values) < 1e-3) next
    ours <- glmpp(y ~ x + z, family, d)
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-6, label = label)
    expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-5, label = label)
    expect_equal(unclass(ours)[c("deviance", "null.deviance", "df.residual")], unclass(theirs)[c("deviance", "null.deviance", "df.residual")],
                 tolerance = 1e-7, label = label)
  }
  d <- zero_rows(150, 9)
  family <- quasi(link = "log", variance = "mu^2")
  for (call in expression(fit(y ~ x, family, d, offset = log(e)), fit(y ~ x - 1, family, d), fit(y ~ x, family, d, weights = w),
                          fit(y ~ 1, family, d, offset = log(e), weights = w), fit(y ~ 0 + x + offset(log(e)), family, d))) {
    ours <- eval(call, list(fit = glmpp))
    call$epsilon <- 1e-14
    theirs <- eval(call, list(fit = stats::glm))
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-6, label = deparse1(call))
    expect_equal(c(ours$deviance, ours$null.deviance), c(theirs$deviance, theirs$null.deviance), tolerance = 1e-7, label = deparse1(call))
    expect_equal(residuals(ours), residuals(theirs), tolerance = 1e-5, label = deparse1(call))
  }
  by_fit <- glm(y ~ x, family, d, method = glmpp_fit)
  expect_equal(deviance(by_fit), deviance(glm(y ~ x, family, d)), tolerance = 1e-7)
})

test_that("the log link is never the remedy for itself", {
  d <- zero_rows(60, 2)
  said <- tryCatch(glmpp(y ~ x, quasi(link = "log", variance = "mu^2"), d, maxit = 2), warning = conditionMessage)
  expect_false(any(grepl("such as log", said)))
})

test_that("variance mu^3 with zeros solves the equation that glm() can't start on, and says that the deviance is infinite", {
  d <- zero_rows(150, 1)
  family <- quasi(link = "log", variance = "mu^3")
  expect_warning(fit <- glmpp(y ~ x + z, family, d), class = "glmpp_warning_deviance")
  expect_true(fit$converged)
  score <- crossprod(model.matrix(~ x + z, d), (d$y - fitted(fit)) / fitted(fit)^2)
  expect_lt(max(abs(score)), 1e-9)
  expect_identical(deviance(fit), Inf)
  expect_true(all(is.finite(vcov(fit))))
})

test_that("a response with zeros from afar is refused under these variances", {
  d <- zero_rows(80, 3)
  for (variance in c("mu^2", "mu^3")) {
    family <- eval(bquote(quasi(link = "log", variance = .(variance))))
    expect_error(glmpp(y ~ x, family, chunks_of(d, 30)), class = "glmpp_error_family")
    expect_error(glmpp(y ~ x, family, chunks_of(d[d$y > 0, ], 30)), NA)
  }
})
