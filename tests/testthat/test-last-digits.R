# The last digits: perfect fits, tiny dispersions, non-canonical links, and what is said of them.

chunk_reader <- function(parts) {
  k <- 0
  function(reset) {
    if (reset) return(invisible(k <<- 0))
    k <<- k + 1
    if (k <= length(parts)) parts[[k]]
  }
}

test_that("a perfect fit has the digits that it claims", {
  set.seed(41)
  families <- list(poisson(), poisson("sqrt"), Gamma("log"), Gamma(), gaussian("log"), binomial(), inverse.gaussian("log"), quasipoisson())
  for (round in 1:64) {
    family <- families[[1 + round %% 8]]
    n <- sample(2:8, 1)
    x <- matrix(rnorm(n * (n - 1)), n)
    y <- switch(family$family, binomial = sample(1:9, n, TRUE) / 10, poisson = , quasipoisson = rpois(n, 5) + 1, rgamma(n, 3) + 0.1)
    label <- sprintf("%s(%s), round %d", family$family, family$link, round)
    warnings <- capture_warnings(fit <- glmpp(y ~ x, family, weights = rep(if (family$family == "binomial") 10 else 1, n)))
    expect_false(any(grepl("NaN", warnings)), label = label)
    exact <- solve(cbind(1, x), family$linkfun(y))
    information <- crossprod(cbind(1, x) * sqrt(as.vector(fit$weights)))
    error <- max(abs(coef(fit) - exact) / sqrt(diag(solve(information))))
    expect_lt(error, 1e-12 * max(1, fit$solver$condition), label = label)
  }
})

test_that("the AIC of a Gamma fit keeps its digits however small the dispersion", {
  set.seed(42)
  x <- rnorm(100)
  w <- rep(1:2, 50)
  for (noise in c(0.5, 1e-2, 1e-5, 1e-7)) {
    y <- exp(1 + 0.3 * x) * pmax(1 + noise * rnorm(100), 0.01)
    fit <- glmpp(y ~ x, Gamma("log"), weights = w)
    excess <- (y - as.vector(fitted(fit))) / as.vector(fitted(fit))
    dispersion <- 2 * sum(w * (excess - log1p(excess))) / sum(w)
    exact <- -2 * sum(w * dgamma(y, 1 / dispersion, scale = as.vector(fitted(fit)) * dispersion, log = TRUE)) + 2 + 4
    expect_equal(AIC(fit), exact, tolerance = 1e-9, label = format(noise))
  }
})

test_that("counts that are not whole are warned of once, and have no likelihood", {
  set.seed(43)
  d <- data.frame(x = rnorm(500), y = rpois(500, 3) + 0.3)
  warnings <- capture_warnings(fit <- glmpp(y ~ x, poisson, d))
  expect_length(warnings, 1)
  expect_equal(AIC(fit), suppressWarnings(AIC(glm(y ~ x, poisson, d))))
  expect_equal(coef(fit), coef(glm(y ~ x, quasipoisson, d, epsilon = 1e-12)), tolerance = 1e-8)
})

test_that("links that are not canonical take no more iterations than glm() to the same digits", {
  set.seed(44)
  d <- data.frame(x1 = rnorm(1000), x2 = runif(1000), g = factor(sample(letters[1:4], 1000, TRUE)))
  eta <- with(d, 0.4 * x1 - 0.3 * x2 + 0.2 * (g == "b"))
  d <- transform(d, hit = rbinom(1000, 1, plogis(eta)), count = rpois(1000, exp(eta)), size = rgamma(1000, 2, 2 / exp(eta)))
  cases <- list(list(hit ~ x1 + x2 + g, binomial("probit")), list(hit ~ x1 + x2 + g, binomial("cloglog")),
                list(hit ~ x1 + x2 + g, binomial("cauchit")), list(count ~ x1 + x2 + g, poisson("sqrt")),
                list(size ~ x1 + x2 + g, Gamma("log")), list(size ~ x1 + x2 + g, gaussian("log")))
  for (case in cases) {
    label <- paste(case[[2]]$family, case[[2]]$link)
    theirs <- glm(case[[1]], case[[2]], d, epsilon = 1e-14, maxit = 200)
    ours <- glmpp(case[[1]], case[[2]], d)
    expect_lte(ours$iter, theirs$iter, label = label)
    errors <- sqrt(diag(vcov(ours)))
    expect_lt(max(abs(coef(ours) - coef(theirs)) / errors), 1e-6, label = label)
    expect_lt(max(abs(coef(ours) - coef(glmpp(case[[1]], case[[2]], d, solver = "newton"))) / errors), 1e-9, label = label)
    # Standard errors are by the expected information.
    x <- model.matrix(ours)
    expect_equal(vcov(ours), summary(ours)$dispersion * solve(crossprod(x, x * as.vector(ours$weights))), tolerance = 1e-8, label = label)
    afar <- glmpp(case[[1]], case[[2]], chunks(chunk_reader(split(d, rep(1:3, length.out = 1000)))))
    expect_lt(max(abs(coef(ours) - coef(afar)) / errors), 1e-9, label = label)
  }
})

test_that("a fit that ran out of iterations claims the digits that it has", {
  set.seed(45)
  d <- data.frame(x = rnorm(2000), g = factor(sample(9, 2000, TRUE)))
  d$y <- rpois(2000, exp(0.5 * d$x))
  exact <- glmpp(y ~ x + g, poisson("sqrt"), d)
  errors <- sqrt(diag(vcov(exact)))
  for (maxit in 2:4) {
    source <- chunks(chunk_reader(split(d, rep(1:2, 1000))))
    fit <- suppressWarnings(glmpp(y ~ x + g, poisson("sqrt"), source, control = glmpp_control(maxit = maxit)))
    off <- max(abs(coef(fit) - coef(exact)) / errors)
    if (off > 1e-14) expect_lt(fit$solver$digits[["coefficients"]], 1 - log10(off), label = paste("maxit =", maxit))
  }
})

test_that("nothing at all can be fitted to rows from afar", {
  fit <- glmpp(breaks ~ 0, poisson, chunks(chunk_reader(list(warpbreaks[1:20, ], warpbreaks[21:54, ]))))
  plain <- glm(breaks ~ 0, poisson, warpbreaks)
  expect_equal(dim(vcov(fit)), c(0L, 0L))
  expect_equal(dim(coef(summary(fit))), c(0L, 4L))
  expect_equal(c(deviance(fit), AIC(fit)), c(deviance(plain), AIC(plain)))
})

test_that("coordinate descent converges where columns are nearly collinear, or says that it has not", {
  set.seed(46)
  d <- data.frame(a = runif(300, 1, 2), b = runif(300, 1, 2), m = 50)
  d$s <- rbinom(300, 50, plogis(d$a - d$b))
  formula <- cbind(s, m - s) ~ a + b + I(a^2) + I(b^2) + a:b + I(a^2 * b) + I(a * b^2) + I(a^3)
  exact <- glmpp(formula, binomial, d)
  found <- glmpp(formula, binomial, d, solver = coordinate_descent())
  expect_true(found$converged)
  off <- max(abs(coef(found) - coef(exact)) / sqrt(diag(vcov(exact))))
  expect_lt(off, 1e-6)
  expect_lt(found$solver$digits[["coefficients"]], 1 - log10(off))
  expect_warning(short <- glmpp(formula, binomial, d, solver = coordinate_descent(iterations = 1)), class = "glmpp_warning_convergence")
  expect_false(short$converged)
})

test_that("least squares of powers say how they were decomposed", {
  skip_if_not_installed("MASS")
  formula <- stats::reformulate(sprintf("I(lstat^%.1f)", seq(0.1, 3, 0.1)), "medv")
  fit <- suppressWarnings(glmpp(formula, gaussian, MASS::Boston))
  expect_identical(fit$solver$factorization, "qr")
  expect_null(fit$solver$path)
})
