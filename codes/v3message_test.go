package codes

import "testing"

func TestRunningTask(t *testing.T) {
	for message, want := range map[string]bool{
		"The instance has another task that is running.":           true,
		"Another operation is in progress, please try again later": true,
		"The previous request is being processed.":                 true,
		"resource `ins-1` is executing other task":                 true,
		"The latest operation is not finished":                     true,
		"A MUTEX task holds the disk":                              true,
		"操作失败，实例正在执行其他任务，请稍后重试。":                                   true,
		"集群任务正在进行，请稍后":                                             true,
		"资源处理中":                                                    true,
		"任务冲突":                                                     true,
		"上一个任务尚未完成":                                                true,
		"":                                                         false,
		"Please try again later.":                                  false,
		"操作失败，请稍后重试":                                               false,
		"The instance is not running.":                             false,
		"There is no task in progress.":                            false,
		"实例未处于运行中":                                                 false,
		"没有正在执行的任务":                                                false,
		"域名信息审核中":                                                  false,
		"该路由表正在使用中":                                                false,
		"The security group is in use.":                            false,
	} {
		if got := RunningTask(message); got != want {
			t.Errorf("%q: %v", message, got)
		}
	}
}
