set.seed(5)
d <- data.frame(x = rnorm(200))
d$y <- rbinom(200, 1, plogis(d$x))
fit <- glmpp(y ~ x, binomial, d)

test_that("bins are those of the ranks, with their means", {
  chart <- calibration_bins(fit, bins = 10)
  bin <- ceiling(rank(fitted(fit)) / 20)
  expect_identical(chart$data$rows, rep(20L, 10))
  expect_equal(chart$data$fitted, as.vector(tapply(fitted(fit), bin, mean)))
  expect_equal(chart$data$observed, as.vector(tapply(d$y, bin, mean)))
  expect_equal(chart$brier, mean((d$y - fitted(fit))^2))
})

test_that("the intervals are prop.test()'s without its correction", {
  chart <- calibration_bins(fit, bins = 7, level = 0.9)
  for (i in seq_len(nrow(chart$data))) {
    bin <- chart$data[i, ]
    theirs <- suppressWarnings(prop.test(bin$observed * bin$weight, bin$weight, conf.level = 0.9, correct = FALSE)$conf.int)
    expect_equal(c(bin$lower, bin$upper), as.vector(theirs), tolerance = 1e-10)
  }
})

test_that("equal probabilities share a bin", {
  chart <- calibration_bins(glmpp(am ~ factor(cyl), binomial, mtcars), bins = 10)
  expect_identical(sort(chart$data$rows), sort(as.vector(table(mtcars$cyl))))
  expect_equal(chart$data$observed, chart$data$fitted, tolerance = 1e-8)
})

test_that("a weight of two equals a row repeated twice", {
  doubled <- glmpp(y ~ x, binomial, d, weights = rep(c(1, 2), 100))
  repeated <- glmpp(y ~ x, binomial, d[rep(1:200, rep(c(1, 2), 100)), ])
  expect_equal(calibration_bins(doubled)$data[-1], calibration_bins(repeated)$data[-1], tolerance = 1e-7)
  expect_equal(calibration_bins(doubled)$histogram, calibration_bins(repeated)$histogram)
})

test_that("the histogram counts every row once, those at one too", {
  chart <- calibration_bins(fit)
  counts <- hist(fitted(fit), seq(0, 1, 0.05), right = FALSE, plot = FALSE)$counts
  expect_equal(chart$histogram$weight, counts)
  certain <- suppressWarnings(glmpp(c(0, 0, 1, 1) ~ c(1, 2, 3, 4), binomial))
  expect_equal(sum(calibration_bins(certain, bins = 2)$histogram$weight), 4)
})

test_that("bins by events hold equal numbers of successes", {
  chart <- calibration_bins(fit, bins = 5, by = "events")
  events <- chart$data$observed * chart$data$weight
  expect_equal(sum(events), sum(d$y))
  expect_lte(diff(range(events)), 1)
  expect_equal(sum(chart$data$rows), 200)
  none <- suppressWarnings(glmpp(c(0, 0, 0, 1) ~ c(1, 2, 3, 4), binomial, weights = c(1, 1, 1, 0)))
  expect_error(calibration_bins(none, bins = 2, by = "events"), "no successes", class = "glmpp_error_response")
})

test_that("the axes follow the data, and the bars hold all rows on each", {
  set.seed(3)
  rare <- data.frame(x = rnorm(5000))
  rare$y <- rbinom(5000, 1, plogis(rare$x - 5))
  rare_fit <- glmpp(y ~ x, binomial, rare)
  expect_identical(calibration_bins(fit)$scale, "identity")
  expect_identical(calibration_bins(fit)$limits, c(0, 1))
  chart <- calibration_bins(rare_fit)
  expect_identical(chart$scale, "log")
  expect_lt(chart$limits[2], 0.3)
  expect_gt(chart$limits[1], 0)
  expect_lt(calibration_bins(rare_fit, scale = "identity")$limits[2], 0.3)
  expect_identical(calibration_bins(glmpp(1 - y ~ x, binomial, rare))$scale, "logit")
  for (scale in c("identity", "log", "logit")) {
    chart <- calibration_bins(rare_fit, scale = scale)
    bars <- chart$histogram
    expect_equal(sum(bars$weight), 5000)
    inner <- bars[2:19, ]
    p <- fitted(rare_fit)
    expect_equal(inner$weight, vapply(1:18, function(k) sum(p >= inner$left[k] & p < inner$right[k]), 0), info = scale)
    drawn <- glmpp:::calibration_drawing(chart)
    expect_true(all(is.finite(unlist(drawn$bins[1:4]))))
    expect_gte(length(drawn$at), 3)
    to <- switch(scale, identity = identity, log = log10, logit = qlogis)
    expect_equal(to(as.numeric(drawn$labels)), drawn$at)
  }
})

test_that("wrong arguments are refused", {
  expect_error(calibration_bins(fit, scale = "probit"), "logit", class = "glmpp_error_argument")
  expect_error(calibration_bins(fit, by = "x"), class = "glmpp_error_argument")
  expect_error(calibration_bins(fit, bins = 1), "at least 2", class = "glmpp_error_argument")
  expect_error(calibration_bins(fit, level = NA), class = "glmpp_error_argument")
  expect_error(calibration_bins(glmpp(mpg ~ wt, gaussian, mtcars)), class = "glmpp_error_family")
})
