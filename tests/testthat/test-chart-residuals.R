fit <- glmpp(breaks ~ wool * tension, poisson, warpbreaks)

test_that("bins hold the mean residual, and the model's band", {
  set.seed(6)
  d <- data.frame(x = runif(300), w = sample(1:3, 300, TRUE))
  d$y <- rgamma(300, shape = 3, rate = 3 / exp(d$x))
  model <- glmpp(y ~ x, Gamma("log"), d, weights = w)
  chart <- residual_bins(model, against = "x", bins = 5)
  ordered <- order(d$x)
  middle <- (cumsum(d$w[ordered]) - d$w[ordered] / 2) / sum(d$w)
  bin <- integer(300)
  bin[ordered] <- ceiling(5 * middle)
  phi <- summary(glm(y ~ x, Gamma("log"), d, weights = w))$dispersion
  for (k in 1:5) {
    rows <- bin == k
    expect_equal(chart$data$residual[k], weighted.mean(d$y[rows] - fitted(model)[rows], d$w[rows]))
    expect_equal(chart$data$band[k], qnorm(0.975) * sqrt(phi * sum(d$w[rows] * fitted(model)[rows]^2)) / sum(d$w[rows]), tolerance = 1e-6)
  }
})

test_that("about the stated share lies inside where the model is right, few where the mean is wrong", {
  set.seed(7)
  d <- data.frame(x = rnorm(20000))
  d$y <- rbinom(20000, 1, plogis(d$x + d$x^2 / 2))
  right <- residual_bins(glmpp(y ~ x + I(x^2), binomial, d), "x")$data
  wrong <- residual_bins(glmpp(y ~ x, binomial, d), "x")$data
  expect_identical(nrow(right), 141L)
  expect_gt(mean(right$inside), 0.89)
  expect_lt(mean(wrong$inside), 0.6)
})

test_that("against takes a variable of the model, of the data, or numbers", {
  cars <- glmpp(am ~ wt, binomial, mtcars)
  expect_equal(residual_bins(cars, "wt")$data, residual_bins(cars, mtcars$wt)$data)
  expect_equal(residual_bins(cars, "hp")$data, residual_bins(cars, mtcars$hp)$data)
  expect_identical(residual_bins(cars, "hp")$label, "hp")
  holes <- glmpp(Ozone ~ Wind, gaussian, airquality, na.action = na.exclude)
  expect_equal(sum(residual_bins(holes, "Solar.R")$data$rows), sum(complete.cases(airquality[c("Ozone", "Wind", "Solar.R")])))
  expect_error(residual_bins(cars, "weight"), "no \"weight\"", class = "glmpp_error_argument")
  expect_error(residual_bins(cars, 1:3), "one element per row", class = "glmpp_error_argument")
  expect_error(residual_bins(fit, "wool"), "numeric", class = "glmpp_error_argument")
  expect_error(residual_bins(cars, bins = 0), class = "glmpp_error_argument")
})
