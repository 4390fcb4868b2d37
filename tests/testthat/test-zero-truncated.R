# Counts above zero, against stats::glm() with the same family, by theory, and beside pscl's likelihood.

made <- function(rows, theta = Inf, seed = 1) {
  set.seed(seed)
  data <- data.frame(x = rnorm(rows), g = factor(sample(letters[1:4], rows, TRUE)), w = sample(3, rows, TRUE))
  mean <- exp(0.2 + 0.5 * data$x + 0.3 * (data$g == "b"))
  data$y <- if (is.infinite(theta)) rpois(rows, mean) else rnbinom(rows, size = theta, mu = mean)
  data[data$y > 0, ]
}

# sum over counts from 1 on
moments <- function(mu, theta) {
  k <- 1:20000
  p <- exp(glmpp:::truncated_log_density(k, rep(mu, length(k)), theta))
  mean <- sum(k * p)
  c(total = sum(p), mean = mean, variance = sum((k - mean)^2 * p))
}

test_that("means, variances and densities are those of the sums over the counts", {
  for (theta in c(0.1, 1, 7, 1e4, Inf)) {
    family <- if (is.finite(theta)) truncated_negative_binomial(theta) else truncated_poisson()
    for (mu in c(1e-3, 0.02, 0.3, 1, 5, 80)) {
      sums <- moments(mu, theta)
      mean <- family$linkinv(log(mu))
      expect_equal(sums[["total"]], 1, tolerance = 1e-10)
      expect_equal(mean, sums[["mean"]], tolerance = 1e-10)
      expect_equal(family$variance(mean), sums[["variance"]], tolerance = 1e-8)
      expect_equal(family$linkfun(mean), log(mu), tolerance = 1e-9)
      step <- 1e-5
      expect_equal(family$mu.eta(log(mu)), (family$linkinv(log(mu) + step) - family$linkinv(log(mu) - step)) / (2 * step), tolerance = 1e-6)
    }
  }
})

test_that("next to one the mean less one and the variance keep their digits", {
  # The variance of Poisson counts is mu / 2 + mu^2 / 6 - ..., the deviance of a one 2 (mu - log(mean)).
  mu <- c(1e-12, 1e-8, 1e-5)
  at <- glmpp:::zero_truncated_impl(log(mu), Inf, FALSE)
  expect_equal(at$slope, mu / 2 + mu^2 / 6, tolerance = 1e-14)
  at <- glmpp:::zero_truncated_impl(log(mu), 2, FALSE)
  expect_equal(at$slope / mu, rep(0.75, 3), tolerance = 1e-4)
  expect_lt(truncated_poisson()$dev.resids(1, 1, 1), 1e-290)
  expect_equal(truncated_poisson()$dev.resids(1, 1 + 1e-6, 1), 2e-6, tolerance = 1e-5)
})

test_that("the rows of the core are those of the family", {
  for (family in list(truncated_poisson(), truncated_negative_binomial(0.4), truncated_negative_binomial(30))) {
    expect_rows_of_family(family, c(1.001, 1.4, 2.5, 40), c(1, 2, 1, 45), c(1, 2, 0.5, 3), family$family)
  }
})

for (theta in c(Inf, 0.7, 5)) local({
  data <- made(800, theta)
  family <- if (is.finite(theta)) truncated_negative_binomial(theta) else truncated_poisson()
  ours <- glmpp(y ~ x + g, family, data, weights = w, epsilon = 1e-13)
  theirs <- glm(y ~ x + g, family, data, weights = w, epsilon = 1e-14, maxit = 100)

  test_that(paste("glm() with the same family says the same:", family$family), {
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-6)
    expect_equal(vcov(ours), summary(theirs, dispersion = 1)$cov.scaled, tolerance = 1e-7)
    totals <- function(fit) c(deviance(fit), AIC(fit), fit$null.deviance)
    expect_equal(totals(ours), totals(theirs), tolerance = 1e-10)
    for (type in c("deviance", "pearson", "working", "response")) {
      expect_equal(residuals(ours, type), residuals(theirs, type), tolerance = 1e-6, label = type)
    }
    expect_equal(sum(loglik(ours)), as.numeric(logLik(ours)), tolerance = 1e-12)
  })

  test_that(paste("the observed information is the second derivative:", family$family), {
    at <- coef(ours)
    score <- function(b) nll(y ~ x + g, family, data, b, weights = w)$gradient
    step <- 1e-5
    hessian <- vapply(seq_along(at), function(j) {
      (score(replace(at, j, at[[j]] + step)) - score(replace(at, j, at[[j]] - step))) / (2 * step)
    }, at)
    expect_equal(vcov(ours, type = "observed"), solve((hessian + t(hessian)) / 2), tolerance = 1e-6, ignore_attr = TRUE)
  })
})

joint_likelihood <- function(parameters, x, y, w) {
  mu <- exp(drop(x %*% parameters[-1]))
  sum(w * glmpp:::truncated_log_density(y, mu, exp(parameters[1])))
}

test_that("theta is the maximum of the joint likelihood, and the standard errors are by its second derivatives", {
  for (seed in 1:4) {
    data <- made(c(300, 900, 2000, 300)[seed], c(0.5, 1, 4, 2)[seed], seed)
    fit <- glmpp(y ~ x + g, truncated_negative_binomial(), data, weights = w)
    x <- model.matrix(fit)
    at <- c(log(fit$theta), coef(fit))
    value <- function(parameters) joint_likelihood(parameters, x, data$y, data$w)
    expect_equal(as.numeric(logLik(fit)), value(at), tolerance = 1e-12)
    step <- 1e-4
    p <- length(at)
    moved <- function(i, j, a, b) {
      there <- at
      there[i] <- there[i] + a * step
      there[j] <- there[j] + b * step
      value(there)
    }
    gradient <- vapply(seq_len(p), function(i) (moved(i, i, 0.5, 0.5) - moved(i, i, -0.5, -0.5)) / (2 * step), 0)
    hessian <- outer(seq_len(p), seq_len(p), Vectorize(function(i, j) {
      (moved(i, j, 1, 1) - moved(i, j, 1, -1) - moved(i, j, -1, 1) + moved(i, j, -1, -1)) / (4 * step^2)
    }))
    covariance <- solve(-hessian)
    expect_lt(max(abs(gradient) * sqrt(diag(covariance))), 1e-4)
    expect_equal(vcov(fit), covariance[-1, -1], tolerance = 1e-3, ignore_attr = TRUE)
    expect_equal(fit$SE.theta / fit$theta, sqrt(covariance[1, 1]), tolerance = 1e-3)
    expect_identical(vcov(fit), vcov(fit, type = "observed"))
    new <- predict(fit, data[1:4, ], se.fit = TRUE)
    expect_equal(new$se.fit, sqrt(rowSums((x[1:4, ] %*% vcov(fit)) * x[1:4, ])), tolerance = 1e-8, ignore_attr = TRUE)
    expect_equal(unname(coef(summary(fit))[, 2]), unname(sqrt(diag(vcov(fit)))), tolerance = 1e-12)
  }
})

test_that("from chunks, files and nodes theta and standard errors are those in memory", {
  data <- made(900, 1.5, 9)
  fit <- glmpp(y ~ x + g, truncated_negative_binomial(), data)
  file <- tempfile(fileext = ".csv")
  write.csv(data, file, row.names = FALSE)
  homes <- list(csv = csv_chunks(file, rows = 250), nodes = on_cluster(local_cluster(), data[seq(part, nrow(data), by = parts), ]))
  for (home in names(homes)) {
    afar <- glmpp(y ~ x + g, truncated_negative_binomial(), homes[[home]])
    expect_equal(coef(afar), coef(fit), tolerance = 1e-8, label = home)
    expect_equal(vcov(afar), vcov(fit), tolerance = 1e-7, label = home)
    expect_equal(c(afar$theta, afar$SE.theta, AIC(afar)), c(fit$theta, fit$SE.theta, AIC(fit)), tolerance = 1e-8, label = home)
  }
})

test_that("what a theta that is tied to the coefficients can't give is refused, or is made by refits", {
  data <- made(600, 1, 4)
  fit <- glmpp(y ~ x + g, truncated_negative_binomial(), data)
  for (call in expression(as.glm(fit), vcov(fit, type = "HC0"), anova(fit), confint(fit, method = "profile"), side_by_side(fit))) {
    expect_error(eval(call), "not orthogonal", class = "glmpp_error_covariance")
  }
  expect_equal(confint(fit), confint.default(fit), ignore_attr = TRUE)
  smaller <- glmpp(y ~ x, truncated_negative_binomial(), data)
  table <- anova(smaller, fit)
  expect_equal(table[["LR stat."]][2], 2 * as.numeric(logLik(fit) - logLik(smaller)), tolerance = 1e-10)
  expect_equal(drop1(fit, test = "Chisq")["g", "LRT"], table[["LR stat."]][2], tolerance = 1e-6)
  expect_equal(add1(smaller, ~ . + g, test = "Chisq")["g", "LRT"], table[["LR stat."]][2], tolerance = 1e-6)
  expect_s3_class(as.glm(glmpp(y ~ x + g, fit$family, data)), "glm")
})

test_that("counts that vary no more than Poisson ones are said to, and so are means that run to one", {
  data <- made(60, Inf, 3)
  even <- transform(data, y = 2 + (seq_along(y) %% 2))
  expect_warning(fit <- glmpp(y ~ x, truncated_negative_binomial(), even), class = "glmpp_warning_poisson_limit")
  expect_equal(coef(fit), coef(glmpp(y ~ x, truncated_poisson(), even)), tolerance = 1e-8)
  ones <- transform(data, y = ifelse(g == "c", 1, y))
  expect_warning(fit <- glmpp(y ~ x + g, truncated_poisson(), ones), "only ones at", class = "glmpp_warning_separation")
  expect_identical(names(fit$separation$coefficients), "gc")
  rest <- glmpp(y ~ x + g, truncated_poisson(), ones, subset = g != "c")
  expect_equal(coef(fit)[names(coef(rest))], coef(rest), tolerance = 1e-8)
  expect_error(glmpp(y ~ 1, truncated_negative_binomial(), transform(data, y = 1)), "All counts are 1", class = "glmpp_error_theta")
})

test_that("wrong input is refused by name", {
  data <- made(50)
  expect_error(glmpp(y ~ x, truncated_poisson(), transform(data, y = y - 1)), "counts below 1 not allowed", class = "glmpp_error_response")
  expect_warning(glmpp(y ~ x, truncated_poisson(), transform(data, y = y + 0.25)), "non-integer", class = "glmpp_warning_response")
  expect_error(truncated_poisson("sqrt"), class = "glmpp_error_argument")
  for (theta in list(0, -1, Inf, NA, "a", 1:2)) expect_error(truncated_negative_binomial(theta), class = "glmpp_error_theta")
  expect_error(glm(y ~ x, truncated_negative_binomial(), data), "must be given")
})

test_that("quantile residuals are standard normal, and simulated counts have the mean", {
  data <- made(4000, 1.2, 8)
  fit <- glmpp(y ~ x + g, truncated_negative_binomial(), data)
  residual <- quantile_residuals(fit)$data$residual
  expect_gt(ks.test(residual, "pnorm")$p.value, 1e-3)
  drawn <- as.matrix(simulate(fit, 50, seed = 1))
  expect_true(all(drawn >= 1))
  spread <- sqrt(fit$family$variance(fitted(fit)) / 50)
  expect_lt(abs(mean((rowMeans(drawn) - fitted(fit)) / spread)), 4 / sqrt(nrow(data)))
})

test_that("what is missing stays missing", {
  for (family in list(truncated_poisson(), truncated_negative_binomial(2))) {
    expect_identical(is.na(family$linkinv(c(NA, 1))), c(TRUE, FALSE))
    expect_identical(is.na(family$linkfun(c(NA, 0.5, 2))), c(TRUE, TRUE, FALSE))
    expect_identical(is.na(family$dev.resids(c(NA, 2, 2), c(1.5, NA, 1.5), 1)), c(TRUE, TRUE, FALSE))
  }
  fit <- glmpp(y ~ x, truncated_poisson(), made(100))
  expect_identical(is.na(unname(predict(fit, data.frame(x = c(NA, 1)), type = "response"))), c(TRUE, FALSE))
  expect_true(all(is.na(glmpp:::tweedie_log_density_impl(c(NA, 1, 1), c(1, NA, 1), c(1, 1, NA), 1.5))))
})
