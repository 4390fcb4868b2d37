fit <- glmpp(am ~ hp, binomial, mtcars)

test_that("the area is the Mann-Whitney statistic over the number of pairs", {
  for (model in list(fit, glmpp(am ~ factor(cyl), binomial, mtcars), glm(vs ~ wt, binomial, mtcars))) {
    split_up <- split(fitted(model), model$y)
    pairs <- wilcox.test(split_up[["1"]], split_up[["0"]], exact = FALSE)$statistic
    expect_equal(roc_points(model)$auc, unname(pairs) / prod(lengths(split_up)), tolerance = 1e-12)
  }
})

test_that("every threshold has the rates that counting gives", {
  chart <- roc_points(fit)
  y <- mtcars$am
  for (i in seq_len(nrow(chart$data))) {
    positive <- fitted(fit) >= chart$data$threshold[i]
    expect_equal(chart$data$true_positive_rate[i], mean(positive[y == 1]))
    expect_equal(chart$data$false_positive_rate[i], mean(positive[y == 0]))
  }
})

test_that("the interval is DeLong's, from the placements of each row", {
  p1 <- fitted(fit)[mtcars$am == 1]
  p0 <- fitted(fit)[mtcars$am == 0]
  wins <- outer(p1, p0, function(a, b) (a > b) + 0.5 * (a == b))
  variance <- var(rowMeans(wins)) / length(p1) + var(colMeans(wins)) / length(p0)
  chart <- roc_points(fit, level = 0.9)
  expect_equal(chart$standard_error, sqrt(variance), tolerance = 1e-12)
  expect_equal(chart$interval, mean(wins) + c(-1, 1) * qnorm(0.95) * sqrt(variance), tolerance = 1e-12)
})

test_that("grouped rows give what the single trials give", {
  trials <- data.frame(x = c(1, 2, 3, 4), yes = c(1, 3, 4, 8), no = c(6, 5, 4, 2))
  single <- data.frame(x = rep(trials$x, trials$yes + trials$no), y = unlist(Map(function(a, b) rep(1:0, c(a, b)), trials$yes, trials$no)))
  grouped_fit <- glmpp(cbind(yes, no) ~ x, binomial, trials)
  single_fit <- glmpp(y ~ x, binomial, single)
  same <- c("auc", "standard_error", "interval")
  expect_equal(roc_points(grouped_fit)[same], roc_points(single_fit)[same], tolerance = 1e-7)
  expect_equal(calibration_bins(grouped_fit, bins = 4)$data[-1], calibration_bins(single_fit, bins = 4)$data[-1], tolerance = 1e-7)
  expect_equal(roc_points(grouped_fit, newdata = trials)$auc, roc_points(grouped_fit)$auc, tolerance = 1e-10)
})

test_that("new rows are judged by their own response, without those that miss a value", {
  half <- mtcars[seq(1, 32, 2), ]
  other <- mtcars[seq(2, 32, 2), ]
  model <- glmpp(am ~ hp, binomial, half)
  p <- predict(model, other, type = "response")
  wins <- outer(p[other$am == 1], p[other$am == 0], function(a, b) (a > b) + 0.5 * (a == b))
  expect_equal(roc_points(model, other)$auc, mean(wins))
  gaps <- rbind(other, transform(other[1:2, ], am = c(NA, 1), hp = c(100, NA)))
  expect_equal(roc_points(model, gaps)$auc, mean(wins))
  expect_match(roc_points(model, gaps)$notes, "2 rows with missing values left out", all = FALSE)
})

test_that("what can't have an ROC curve is refused", {
  expect_error(roc_points(1), class = "glmpp_error_argument")
  expect_error(roc_points(lm(mpg ~ wt, mtcars)), class = "glmpp_error_argument")
  expect_error(roc_points(glmpp(mpg ~ wt, gaussian, mtcars)), "must be binomial", class = "glmpp_error_family")
  expect_error(roc_points(fit, mtcars["hp"]), "lacks am", class = "glmpp_error_newdata")
  expect_error(roc_points(fit, as.list(mtcars)), class = "glmpp_error_newdata")
  expect_error(roc_points(fit, mtcars[mtcars$am == 1, ]), "no failures", class = "glmpp_error_response")
  expect_error(roc_points(fit, level = 95), "between 0 and 1", class = "glmpp_error_argument")
})
